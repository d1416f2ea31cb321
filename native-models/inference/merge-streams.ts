/** Several streams of events as one, each going on while the others are listened to. */

/** Events in the order they come. A fault of one ends all; leaving ends all. */
export async function* mergeStreams<T>(
  sources: readonly AsyncGenerator<T, void, void>[],
): AsyncGenerator<T, void, void> {
  const next = (source: AsyncGenerator<T, void, void>) => {
    const step = source.next().then((result) => ({ source, result }));
    step.catch(() => {}); // told below, unless another fault is told first
    return step;
  };
  const open = new Map(sources.map((source) => [source, next(source)]));
  try {
    while (open.size > 0) {
      const { source, result } = await Promise.race(open.values());
      open.delete(source);
      if (result.done) continue;
      open.set(source, next(source));
      yield result.value;
    }
  } finally {
    await Promise.allSettled(sources.map((source) => source.return()));
  }
}
