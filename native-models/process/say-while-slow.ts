/** Puts words into the silence of slow work, which a supervisor would take for a hang. */

/**
 * The events of `source`, and what `say` answers whenever the next one takes longer than `everyMs`.
 * @param everyMs default 5 s, half of the shortest silence a supervisor takes for a hang
 */
export async function* sayWhileSlow<Event, Word>(
  source: AsyncGenerator<Event>,
  say: () => Word,
  everyMs = 5000,
): AsyncGenerator<Event | Word> {
  try {
    for (;;) {
      const next = source.next();
      while ((await settlesWithin(next, everyMs)) === false) yield say();
      const result = await next;
      if (result.done) return;
      yield result.value;
    }
  } finally {
    await source.return(undefined);
  }
}

function settlesWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs, false);
    const settled = () => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(settled, settled);
  });
}
