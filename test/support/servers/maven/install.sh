#!/usr/bin/env bash
# Installs the servers that Debian does not package, from Maven artifacts, into a cache folder: Kafka, OpenSearch and Elasticsearch.
# What is there in the right version is kept. Needs a JDK, Maven and unzip. The tests find the folder by the same rule.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${HEALTHD_TEST_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/healthd-test-servers}
elasticsearch=8.19.21

maven() { mvn -q -B -f "$1" "dependency:$2" "${@:3}"; }

# install NAME SOURCE…: calls the function `get_NAME` with an empty folder, unless NAME was installed from equal sources.
install() {
  local name=$1 sources part
  sources=$(cat "${@:2}" "$here/install.sh" | sha256sum)
  [[ $(cat "$cache/$name/.sources" 2>/dev/null) == "$sources" ]] && return
  echo "Installing $name in $cache"
  mkdir -p "$cache"
  part=$(mktemp -d "$cache/$name.XXXXXX")
  "get_$name" "$part"
  echo "$sources" >"$part/.sources"
  rm -rf "${cache:?}/$name"
  mv "$part" "$cache/$name"
}

get_kafka() {
  maven "$here/kafka.xml" copy-dependencies -DincludeScope=runtime -DoutputDirectory="$1/lib"
}

get_opensearch() {
  maven "$here/opensearch.xml" copy-dependencies -DincludeScope=runtime -DoutputDirectory="$1/lib"
  javac -nowarn -d "$1/classes" -cp "$1/lib/*" "$here/OpenSearchNode.java"
}

get_elasticsearch() {
  local plugin=$1/plugins/root-endpoint
  maven "$here/kafka.xml" copy -DoutputDirectory="$1" \
    -Dartifact="org.elasticsearch.distribution.integ-test-zip:elasticsearch:$elasticsearch:zip"
  unzip -q "$1/elasticsearch-$elasticsearch.zip" -d "$1"
  rm "$1/elasticsearch-$elasticsearch.zip"
  mv "$1/elasticsearch-$elasticsearch"/* "$1"
  mkdir -p "$plugin"
  javac -nowarn -d "$1/classes" -cp "$1/lib/*" "$here/RootEndpoint.java"
  jar --create --file "$plugin/root-endpoint.jar" -C "$1/classes" .
  cat >"$plugin/plugin-descriptor.properties" <<PROPERTIES
name=root-endpoint
description=GET /
version=1
java.version=17
elasticsearch.version=$elasticsearch
classname=RootEndpoint
PROPERTIES
}

install kafka "$here/kafka.xml"
install opensearch "$here/opensearch.xml" "$here/OpenSearchNode.java"
install elasticsearch "$here/RootEndpoint.java"
