import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One node on loopback until SIGTERM. Arguments: data folder, HTTP port, transport port. */
public class OpenSearchNode {
  public static void main(String[] arguments) throws Exception {
    OpenSearchRunner node = new OpenSearchRunner();
    node.onBuild((number, settings) -> {
      settings.put("network.host", "127.0.0.1");
      settings.put("http.port", arguments[1]);
      settings.put("transport.port", arguments[2]);
      settings.put("discovery.type", "single-node");
      settings.putList("discovery.seed_hosts");
      settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
    });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        node.close();
      } catch (java.io.IOException error) {
        error.printStackTrace();
      }
    }));
    node.build(OpenSearchRunner.newConfigs().clusterName("healthd-test").numOfNode(1).basePath(arguments[0]));
    new CountDownLatch(1).await();
  }
}
