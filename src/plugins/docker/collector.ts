import { nanoseconds, type Accumulator, type ContextTable, type PluginContext, type Tags } from '../../plugin/index.ts';

import type { ContainerSummary, EngineEvent, EngineInfo } from './api/answers.ts';
import { openEngine, type Engine } from './api/engine.ts';
import { eventTime, isRemoval, isReported, parseEvents } from './api/events.ts';
import { Inspections } from './api/inspections.ts';
import { isGone } from './api/request-error.ts';
import { concurrently } from './concurrently.ts';
import { Endings, exitCodeOf } from './endings.ts';
import { explainContainer, explainEnded, type Ended } from './explain.ts';
import type { metrics } from './metrics.ts';
import type { DockerOptions } from './options.ts';
import { reportStats, reportStatus } from './report/container.ts';
import { reportDiskUsage } from './report/disk-usage.ts';
import { reportEngine } from './report/engine.ts';
import { containerName } from './report/names.ts';
import { swarmServices } from './report/swarm.ts';
import { engineTags, identityTags, stateTags } from './report/tags.ts';
import { selection, type Selection } from './selection.ts';
import { Sampler } from './stats/sampler.ts';

type DockerAccumulator = Accumulator<typeof metrics>;

/** Maximum number of removed containers whose last exit is kept. */
const MOST_GONE = 100;

/** Containers gathered concurrently: enough for requests to a slow daemon to wait in parallel. */
const PARALLEL = 32;

interface Session {
  readonly engine: Engine;
  readonly inspections: Inspections;
  readonly sampler: Sampler;
}

/** What one gather, or one event, needs to report a container. */
interface Round {
  readonly session: Session;
  readonly info: EngineInfo;
  readonly acc: DockerAccumulator;
  readonly signal: AbortSignal;
}

interface Container {
  readonly name: string;
  readonly summary: ContainerSummary;
}

/** One daemon: gathers at each interval, and follows its events in between. */
export class Collector {
  readonly #options: DockerOptions;
  readonly #context: PluginContext;
  readonly #selection: Selection;
  readonly #endings = new Endings();
  /** By name, the latest last. */
  readonly #gone = new Map<string, Ended>();
  #session: Promise<Session> | undefined;
  /** Time of the newest event, nanoseconds since the Unix epoch; 0 before the first. */
  #lastEvent = 0;

  constructor(options: DockerOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
    this.#selection = selection(options);
  }

  async gather(acc: DockerAccumulator, signal: AbortSignal): Promise<void> {
    const session = await this.#open();
    const { states } = this.#selection;
    // One after the other: a daemon whose first answer is useless is not asked for a longer one.
    const info = await session.engine.info(signal);
    const listed = states.length === 0 ? [] : await session.engine.list({ status: states }, signal);
    const round = { session, info, acc, signal };
    reportEngine(acc, info, engineTags(info), this.#options);
    session.sampler.keepOnly(new Set(listed.map(({ Id }) => Id)));
    await Promise.all([
      this.#attempt(acc, signal, () => this.#gatherSwarm(round)),
      this.#attempt(acc, signal, () => this.#gatherDiskUsage(round)),
      concurrently(this.#chosen(listed), PARALLEL, (container) =>
        this.#attempt(acc, signal, () => this.#gatherContainer(round, container), container.name),
      ),
    ]);
  }

  /**
   * Reports container events as they happen until the signal aborts.
   *
   * @throws if the daemon ends the stream
   */
  async run(acc: DockerAccumulator, signal: AbortSignal): Promise<void> {
    const session = await this.#open();
    try {
      await this.#followEvents(session, acc, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      session.inspections.stopCaching();
    }
    if (!signal.aborted)
      throw new Error(`The event stream of ${this.#options.endpoint} ended; has the daemon stopped?`);
  }

  /** What Docker knows of the container of an alert. */
  async explain(tags: Tags, signal: AbortSignal): Promise<readonly ContextTable[]> {
    const name = tags['container_name'];
    if (name === undefined || !this.#selection.container(name)) return [];
    const { engine } = await this.#open();
    // The filter finds names that contain it.
    const listed = await engine.list({ name: [name] }, signal);
    const found = listed.find(({ Names }) => containerName(Names) === name);
    const gone = this.#gone.get(name);
    if (found === undefined) return gone === undefined ? [] : explainEnded(name, gone);
    const about = { id: found.Id, name, image: found.Image };
    return explainContainer(engine, about, nanoseconds(this.#context.clock.now()), signal);
  }

  async stop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    (await session)?.engine.close();
  }

  /** Opens the session once. A failure is not kept: a missing certificate may be installed while the agent runs. */
  #open(): Promise<Session> {
    this.#session ??= openEngine(this.#options, this.#context.clock).then(
      (engine) => ({
        engine,
        inspections: new Inspections(engine),
        sampler: new Sampler(engine, this.#options, this.#context),
      }),
      (error: unknown) => {
        this.#session = undefined;
        throw error;
      },
    );
    return this.#session;
  }

  /** Reports the error of one part, so that the others go on. A container that has just been removed is not an error. */
  async #attempt(acc: DockerAccumulator, signal: AbortSignal, part: () => Promise<void>, name?: string): Promise<void> {
    try {
      await part();
    } catch (error) {
      signal.throwIfAborted();
      if (name !== undefined && isGone(error)) return;
      acc.error(name === undefined ? error : new Error(`Container ${name}`, { cause: error }));
    }
  }

  #chosen(listed: readonly ContainerSummary[]): readonly Container[] {
    return listed.flatMap((summary) => {
      const name = containerName(summary.Names);
      return name !== undefined && this.#selection.container(name) ? [{ name, summary }] : [];
    });
  }

  async #gatherContainer(round: Round, container: Container): Promise<void> {
    const { session, info, acc, signal } = round;
    const { inspection, tags } = await this.#reportState(round, container);
    if (!inspection.State.Running) return;
    const sampled = await session.sampler.sample(inspection, info, signal);
    if (sampled === undefined) return;
    const isWindows = info.OSType === 'windows';
    reportStats(acc, { ...sampled, isWindows, containerId: inspection.Id }, tags, this.#options);
  }

  async #reportState({ session, info, acc, signal }: Round, { name, summary }: Container) {
    const inspection = await session.inspections.get(summary.Id, signal);
    const tags = {
      ...identityTags(engineTags(info), name, summary, this.#options),
      ...stateTags(summary, inspection, this.#selection, this.#options),
    };
    const failed = this.#endings.hasFailed(inspection);
    reportStatus(acc, { inspection, failed }, tags, nanoseconds(this.#context.clock.now()));
    return { inspection, tags };
  }

  async #followEvents(session: Session, acc: DockerAccumulator, signal: AbortSignal): Promise<void> {
    const resumed = this.#lastEvent;
    const info = await session.engine.info(signal);
    const stream = await session.engine.events(resumed === 0 ? undefined : Math.floor(resumed / 1e9), signal);
    session.inspections.startCaching();
    for await (const event of parseEvents(stream)) {
      session.inspections.invalidate(event.Actor.ID);
      // `since` has a resolution of one second, so the events of the last second come again.
      if (eventTime(event) <= resumed) continue;
      this.#lastEvent = Math.max(this.#lastEvent, eventTime(event));
      this.#endings.note(event);
      if (!isReported(event)) continue;
      await this.#attempt(acc, signal, () => this.#reportEvent({ session, info, acc, signal }, event));
    }
  }

  /** Ignores the state filter: that a container is no longer running is what the event is about. */
  async #reportEvent(round: Round, event: EngineEvent): Promise<void> {
    if (isRemoval(event)) {
      if (this.#endings.isRemovedOnPurpose(event)) this.#reportGone(round, event, { status: 'removed' });
      return;
    }
    const { session, signal } = round;
    const [container] = this.#chosen(await session.engine.list({ id: [event.Actor.ID] }, signal));
    try {
      if (container !== undefined) await this.#reportState(round, container);
      else this.#reportDead(round, event);
    } catch (error) {
      if (!isGone(error)) throw error;
      this.#reportDead(round, event);
    }
  }

  /** For a container that is removed when it exits (`--rm`) the event is the only source left. */
  #reportDead(round: Round, event: EngineEvent): void {
    if (!event.Action.startsWith('die')) return;
    this.#reportGone(round, event, { status: 'exited', exitcode: exitCodeOf(event) });
  }

  #reportGone(
    { info, acc }: Round,
    event: EngineEvent,
    { status, exitcode }: { readonly status: string; readonly exitcode?: number },
  ): void {
    const { ID, Attributes } = event.Actor;
    const { name, image = '' } = Attributes ?? {};
    if (name === undefined || !this.#selection.container(name)) return;
    if (exitcode !== undefined) this.#rememberGone(name, { image, exitCode: exitcode });
    const failed = exitcode !== undefined && this.#endings.isFailure(ID, exitcode, eventTime(event));
    acc.add(
      'docker_container_status',
      // NaN, if the event has no exit code, is left out.
      { exitcode, failed, pid: 0, container_id: ID },
      { ...identityTags(engineTags(info), name, { Id: ID, Image: image }, this.#options), container_status: status },
    );
  }

  #rememberGone(name: string, ended: Ended): void {
    this.#gone.delete(name);
    this.#gone.set(name, ended);
    const [oldest] = this.#gone.keys();
    if (this.#gone.size > MOST_GONE && oldest !== undefined) this.#gone.delete(oldest);
  }

  async #gatherSwarm({ session, info, acc, signal }: Round): Promise<void> {
    if (!this.#options.gather_services) return;
    const [services, tasks] = await Promise.all([session.engine.services(signal), session.engine.tasks(signal)]);
    for (const { fields, tags } of swarmServices(services, tasks)) {
      acc.add('docker_swarm', fields, { ...engineTags(info), ...tags });
    }
  }

  async #gatherDiskUsage({ session, info, acc, signal }: Round): Promise<void> {
    const { storage_objects } = this.#options;
    if (storage_objects.length === 0) return;
    const usage = await session.engine.diskUsage(storage_objects, signal);
    reportDiskUsage(acc, usage, engineTags(info), this.#options, this.#selection);
  }
}
