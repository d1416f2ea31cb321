/** Picks frames by scene: where the picture changes much, a new scene starts, and every scene is seen. */

/** Mean difference of brightness, of 255, above which two neighbours lie in different scenes. */
const cutDifference = 16;

interface Scene {
  start: number;
  end: number;
  frames: number;
}

/**
 * @param lumas brightness of evenly spaced frames, small and all of one size
 * @returns positions in `lumas`, rising, at most `count` and none twice: at least one of each of the `count` most
 *   distinct scenes, and more of the longer ones
 */
export function chooseSceneFrames(lumas: readonly Uint8Array[], count: number): number[] {
  const scenes = splitScenes(lumas, count);
  const wanted = Math.min(count, lumas.length);
  for (let given = scenes.length; given < wanted; given++) {
    const roomiest = scenes.reduce((best, scene) => (room(scene) > room(best) ? scene : best));
    roomiest.frames++;
  }
  return scenes.flatMap(({ start, end, frames }) =>
    Array.from({ length: frames }, (_, i) => start + Math.floor(((i + 0.5) * (end - start)) / frames)),
  );
}

/** Length a frame stands for; no more than 1 when every frame of the scene is taken. */
function room({ start, end, frames }: Scene): number {
  return (end - start) / frames;
}

function splitScenes(lumas: readonly Uint8Array[], count: number): Scene[] {
  if (lumas.length === 0) return [];
  const cuts = lumas
    .slice(1)
    .map((luma, index) => ({ at: index + 1, difference: meanDifference(luma, lumas[index]!) }))
    .filter(({ difference }) => difference > cutDifference)
    .sort((one, other) => other.difference - one.difference)
    .slice(0, Math.max(0, count - 1))
    .map(({ at }) => at)
    .sort((one, other) => one - other);
  const starts = [0, ...cuts];
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? lumas.length, frames: 1 }));
}

function meanDifference(one: Uint8Array, other: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += Math.abs(one[index]! - other[index]!);
  return sum / Math.max(1, one.length);
}
