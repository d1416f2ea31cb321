/** Where something dark was painted on a light picture. */
import type { Box } from '../../native-models/media/box.ts';
import type { RgbPicture } from '../../native-models/media/rgb-picture.ts';

/** The smallest box around all dark pixels; an empty one for none. */
export function findDark({ width, height, pixels }: RgbPicture): Box {
  const found = [width, height, 0, 0] as [number, number, number, number];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[(y * width + x) * 3]! > 127) continue;
      found[0] = Math.min(found[0], x);
      found[1] = Math.min(found[1], y);
      found[2] = Math.max(found[2], x + 1);
      found[3] = Math.max(found[3], y + 1);
    }
  }
  return found;
}
