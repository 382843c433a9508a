import type { ContainerInspection, ContainerSummary, EngineInfo } from '../api/answers.ts';
import type { DockerOptions } from '../options.ts';
import type { Selection } from '../selection.ts';

import { parseImage, shortId } from './names.ts';

export type Tags = Readonly<Record<string, string | undefined>>;

export function engineTags({ Name, ServerVersion }: EngineInfo): Tags {
  return { engine_host: Name, server_version: ServerVersion };
}

/** Name and image of a container, and its ID with `source_tag`. */
export function identityTags(engine: Tags, name: string, container: ContainerSummary, options: DockerOptions): Tags {
  const { image, version } = parseImage(container.Image);
  return {
    ...engine,
    container_name: name,
    container_image: image,
    container_version: version,
    source: options.source_tag ? shortId(container.Id) : undefined,
  };
}

/** Labels, environment variables and state of a container. On equal names the later wins. */
export function stateTags(
  { Labels }: Pick<ContainerSummary, 'Labels'>,
  { State, Config }: ContainerInspection,
  selection: Selection,
  options: DockerOptions,
): Tags {
  const tags: Record<string, string> = {};
  for (const [key, value] of Object.entries(Labels ?? {})) {
    if (selection.label(key)) tags[key] = value;
  }
  for (const variable of options.tag_env.length > 0 ? (Config?.Env ?? []) : []) {
    const equals = variable.indexOf('=');
    const name = variable.slice(0, Math.max(equals, 0));
    if (options.tag_env.includes(name)) tags[name] = variable.slice(equals + 1).trim();
  }
  tags['container_status'] = State.Status;
  return tags;
}
