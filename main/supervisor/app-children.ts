/** The app's child processes behind one relay: started when first asked, restarted when they die, ended when idle. */
import { AppError } from '../../preload/contract/errors.ts';
import { createRelay, type Relay, type RelayLine } from './relay.ts';
import type { ChildExit, Spawn } from './spawned-child.ts';
import { type SupervisedChild, supervise } from './supervise.ts';

/** The critic is a second engine, with a model of its own. */
export type ChildName = 'service' | 'engine' | 'critic' | 'media' | 'convert' | 'probe';

/** Entry files of the children. */
export type ChildFiles = Record<Exclude<ChildName, 'critic'>, string>;

export interface AppChildrenOptions {
  spawn: Spawn;
  files: ChildFiles;
  env: Record<string, string>;
  onCrash(note: ChildExit & { name: ChildName; reason: 'died' | 'hung'; restarting: boolean }): void;
  /** How long media, convert and the critic stay after their last answer; default a minute. */
  idleMs?: number;
}

export interface AppChildren {
  relay: Relay;
  pidOf(name: ChildName): number | null;
  /** The service first, since it still has to write down how running answers ended; then the others. */
  shutdown(): Promise<void>;
}

const usualIdleMs = 60_000;

/**
 * How long each request's longest silent step should take; ten times that is a hang. The service holds streams that say
 * nothing for hours, so there only `describeProcess` counts, which the host asks again and again; reading a large
 * archive may keep it from answering for a while.
 */
const estimatesMs: Record<ChildName, { usual: number; [request: string]: number }> = {
  service: { usual: Number.POSITIVE_INFINITY, describeProcess: 6_000 },
  engine: { usual: 5_000, loadModel: 120_000, generate: 10_000 },
  critic: { usual: 5_000, loadModel: 120_000, judge: 10_000 },
  media: { usual: 5_000 },
  convert: {
    usual: 5_000,
    convertCheckpoint: 60_000,
    importExport: 60_000,
    mendFile: 60_000,
    checkPrecision: 60_000,
  },
  // A driver may compile shaders for a minute; three of silence are a hang.
  probe: { usual: 18_000 },
};

export function startAppChildren(options: AppChildrenOptions): AppChildren {
  const children = new Map<ChildName, { child: SupervisedChild; line: RelayLine }>();
  const idleTimers = new Map<ChildName, NodeJS.Timeout>();
  const leaving = new Set<Promise<void>>();
  let closing = false;

  const relay = createRelay((name) => {
    if (closing || !isChildName(name, options.files)) return null;
    const { child } = start(name);
    return (frame) => child.post(frame);
  });

  function start(name: ChildName): { child: SupervisedChild; line: RelayLine } {
    const child = supervise({
      spawn: options.spawn,
      file: options.files[name === 'critic' ? 'engine' : name],
      name,
      env: options.env,
      estimateMs: (request) => estimatesMs[name][request.name] ?? estimatesMs[name].usual,
      onCrash: (note) => options.onCrash({ ...note, name }),
    });
    const line = relay.attach(name, (frame) => {
      // It crashed too often to be started again by itself, but a new question is a person's wish to try once more.
      if (child.state === 'failed' && frame.kind === 'open') child.restart();
      child.post(frame);
      clearTimeout(idleTimers.get(name));
    });
    child.onFrame((frame) => {
      line.post(frame);
      if (frame.kind === 'end' || frame.kind === 'error') leaveWhenIdle(name);
    });
    child.onGone((error) => {
      relay.failRequestsTo(name, error);
      if (name === 'probe') leaveWhenIdle(name);
    });
    const started = { child, line };
    children.set(name, started);
    return started;
  }

  /** Media holds decoders and whatever a hostile file did to it; critic, convert and probe are thrown away after their job. */
  function leaveWhenIdle(name: ChildName): void {
    if (name === 'service' || name === 'engine' || relay.countRequestsTo(name) > 0) return;
    clearTimeout(idleTimers.get(name));
    const timer = setTimeout(() => end(name), name === 'probe' ? 0 : (options.idleMs ?? usualIdleMs));
    timer.unref();
    idleTimers.set(name, timer);
  }

  function end(name: ChildName): void {
    const found = children.get(name);
    if (!found || relay.countRequestsTo(name) > 0) return;
    children.delete(name);
    found.line.close(new AppError('child_gone', 'The app is closing.'));
    const done = found.child.shutdown().finally(() => leaving.delete(done));
    leaving.add(done);
  }

  start('service');
  return {
    relay,
    pidOf: (name) => children.get(name)?.child.pid ?? null,
    async shutdown() {
      closing = true;
      for (const timer of idleTimers.values()) clearTimeout(timer);
      await children.get('service')?.child.shutdown();
      await Promise.all([...leaving, ...[...children.values()].map(({ child }) => child.shutdown())]);
    },
  };
}

function isChildName(name: string, files: ChildFiles): name is ChildName {
  return name === 'critic' || Object.hasOwn(files, name);
}
