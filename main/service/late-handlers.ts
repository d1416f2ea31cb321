/** Handlers that are there before what they need is: each request waits until the service has opened its store. */
import type { Contract, Handlers } from '../../preload/contract/define.ts';

type AnyHandler = (input: unknown, signal: AbortSignal) => Promise<unknown> & AsyncIterable<unknown>;

/** Opening a store may take minutes (a backup before a migration), in which silence would look like a hang. */
export function lateHandlers<C extends Contract>(contract: C, ready: Promise<Handlers<C>>): Handlers<C> {
  const handlerOf = async (name: string) => (await ready)[name] as AnyHandler;
  const late = Object.entries(contract).map(([name, { kind }]) => [
    name,
    kind === 'call'
      ? async (input: unknown, signal: AbortSignal) => (await handlerOf(name))(input, signal)
      : async function* (input: unknown, signal: AbortSignal) {
          yield* (await handlerOf(name))(input, signal);
        },
  ]);
  return Object.fromEntries(late) as Handlers<C>;
}
