/** Work on the items of a stream, several at once. */

/**
 * Takes items as work ends, `atOnce` at a time. After the first failure, or once `work` says no, no more are taken.
 * @param work false where nothing more is to be done
 * @throws the first failure, when everything that was begun has ended
 */
export async function sideBySide<T>(
  items: AsyncIterator<T>,
  atOnce: number,
  work: (item: T) => Promise<boolean>,
): Promise<void> {
  let isDone = false;
  const takeItems = async () => {
    while (!isDone) {
      const next = await items.next();
      if (next.done || isDone) return;
      try {
        if (!(await work(next.value))) isDone = true;
      } catch (error) {
        isDone = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, takeItems));
  await items.return?.();
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
