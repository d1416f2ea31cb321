/** A decoded frame as brightness and two colour planes, and how it becomes an upright RGB picture. */
import type { RgbPicture } from '../rgb-picture.ts';

export interface Plane {
  bytes: Uint8Array;
  /** Where the first shown pixel lies, and bytes from one row to the next. */
  start: number;
  stride: number;
}

/** 8 bits a sample. The colour planes have half the columns or rows where `halfWidth`, `halfHeight`. */
export interface FramePlanes {
  width: number;
  height: number;
  y: Plane;
  u: Plane;
  v: Plane;
  halfWidth: boolean;
  halfHeight: boolean;
}

/** How the file says its frames are to be shown. */
export interface FrameLook {
  /** Clockwise, before mirroring. */
  rotation: 0 | 90 | 180 | 270;
  /** Left and right exchanged. */
  isMirrored: boolean;
  /** ITU-T H.273's matrix coefficients; null where the file doesn't tell. */
  matrix: 'bt709' | 'bt601' | 'bt2020' | null;
  /** Whether black is 0 and white 255, not 16 and 235. */
  fullRange: boolean;
}

/** Red's and blue's share of brightness. Source: ITU-R BT.709, BT.601, BT.2020. */
const shares = { bt709: [0.2126, 0.0722], bt601: [0.299, 0.114], bt2020: [0.2627, 0.0593] } as const;

const fractionBits = 14;

/** Turns a frame upright and into RGB; each colour sample stands for all the pixels it was taken from. */
export function drawFrame(planes: FramePlanes, look: FrameLook): RgbPicture {
  const { width, height, y, u, v } = planes;
  const { brightness, redOfV, greenOfU, greenOfV, blueOfU } = colourTables(planes, look);
  const turn = turnPixels(planes, look);
  const pixels = new Uint8ClampedArray(width * height * 3);
  const [columnShift, rowShift] = [Number(planes.halfWidth), Number(planes.halfHeight)];
  for (let row = 0; row < height; row++) {
    const yRow = y.start + row * y.stride;
    const uRow = u.start + (row >> rowShift) * u.stride;
    const vRow = v.start + (row >> rowShift) * v.stride;
    let target = (turn.first + row * turn.rowStep) * 3;
    for (let column = 0; column < width; column++, target += turn.columnStep * 3) {
      const light = brightness[y.bytes[yRow + column]!]!;
      const uValue = u.bytes[uRow + (column >> columnShift)]!;
      const vValue = v.bytes[vRow + (column >> columnShift)]!;
      pixels[target] = (light + redOfV[vValue]!) >> fractionBits;
      pixels[target + 1] = (light - greenOfU[uValue]! - greenOfV[vValue]!) >> fractionBits;
      pixels[target + 2] = (light + blueOfU[uValue]!) >> fractionBits;
    }
  }
  return { ...turn.size, pixels: new Uint8Array(pixels.buffer) };
}

function colourTables({ height }: FramePlanes, { matrix, fullRange }: FrameLook) {
  // Players agree that an untold matrix is BT.709 for HD and BT.601 below.
  const [red, blue] = shares[matrix ?? (height >= 720 ? 'bt709' : 'bt601')];
  const green = 1 - red - blue;
  const lightScale = fullRange ? 1 : 255 / 219;
  const colourScale = fullRange ? 1 : 255 / 224;
  const table = (scale: number, zero: number, added = 0) =>
    Int32Array.from({ length: 256 }, (_, value) =>
      Math.round(((value - zero) * scale + added) * 2 ** fractionBits),
    );
  return {
    brightness: table(lightScale, fullRange ? 0 : 16, 0.5),
    redOfV: table(2 * (1 - red) * colourScale, 128),
    greenOfU: table(((2 * (1 - blue) * blue) / green) * colourScale, 128),
    greenOfV: table(((2 * (1 - red) * red) / green) * colourScale, 128),
    blueOfU: table(2 * (1 - blue) * colourScale, 128),
  };
}

/** Where stored pixels go: the first one's index, and the steps to its right and lower neighbour's. */
function turnPixels({ width, height }: FramePlanes, { rotation, isMirrored }: FrameLook) {
  const size = rotation % 180 === 0 ? { width, height } : { width: height, height: width };
  const turned = (column: number, row: number): [x: number, y: number] => {
    if (rotation === 90) return [height - 1 - row, column];
    if (rotation === 180) return [width - 1 - column, height - 1 - row];
    return rotation === 270 ? [row, width - 1 - column] : [column, row];
  };
  const indexOf = (column: number, row: number) => {
    const [x, y] = turned(column, row);
    return y * size.width + (isMirrored ? size.width - 1 - x : x);
  };
  const first = indexOf(0, 0);
  return { size, first, columnStep: indexOf(1, 0) - first, rowStep: indexOf(0, 1) - first };
}

/** Columns and rows of `sampleBrightness`. */
const samples = { columns: 32, rows: 18 };

/** Brightness at 32 × 18 points, spread evenly: enough to tell one scene from another. */
export function sampleBrightness({ width, height, y }: FramePlanes): Uint8Array {
  const { columns, rows } = samples;
  return Uint8Array.from({ length: columns * rows }, (_, index) => {
    const column = Math.floor((((index % columns) + 0.5) / columns) * width);
    const row = Math.floor(((Math.floor(index / columns) + 0.5) / rows) * height);
    return y.bytes[y.start + row * y.stride + column]!;
  });
}
