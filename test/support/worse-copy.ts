/** A picture as it comes back from the web: cut at the edges, smaller, and compressed again. */
import sharp from 'sharp';

/** Its middle without a fortieth at each edge, at 0.7 of the size, as a JPEG of quality 60. */
export async function worseCopyOf(path: string): Promise<Buffer> {
  const { width, height } = await sharp(path).metadata();
  const [keptWidth, keptHeight] = [Math.round(width * 0.95), Math.round(height * 0.95)];
  return sharp(path)
    .extract({
      left: Math.floor((width - keptWidth) / 2),
      top: Math.floor((height - keptHeight) / 2),
      width: keptWidth,
      height: keptHeight,
    })
    .resize(Math.round(keptWidth * 0.7))
    .jpeg({ quality: 60 })
    .toBuffer();
}
