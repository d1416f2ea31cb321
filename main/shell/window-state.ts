/** Where the window was: read back with distrust, since displays come and go and files get damaged. */
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const px = z.int().min(-100_000).max(100_000);
const stateSchema = z.object({
  x: px,
  y: px,
  width: z.int().min(1).max(100_000),
  height: z.int().min(1).max(100_000),
  maximised: z.boolean(),
});

export type WindowState = z.infer<typeof stateSchema>;

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Below this the layout breaks. */
export const smallestWindow = { width: 420, height: 480 };
const usualSize = { width: 1200, height: 820 };

/** Null for a missing or damaged file. */
export function readWindowState(path: string): WindowState | null {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Written aside and renamed, so a crash leaves the old file. Not being able to is no reason to bother anybody. */
export async function saveWindowState(path: string, state: WindowState): Promise<void> {
  try {
    await writeFile(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
    await rename(`${path}.new`, path);
  } catch {
    // a read-only profile or a full disk: the window opens at its usual place next time
  }
}

/**
 * Fits a remembered place to the displays that are there now.
 * @param workAreas of all displays, the primary one first
 */
export function placeWindow(state: WindowState | null, workAreas: readonly Area[]): WindowState {
  const primary = workAreas[0] ?? { x: 0, y: 0, ...usualSize };
  const home = state ? (workAreas.find((area) => isGraspable(state, area)) ?? null) : null;
  const area = home ?? primary;
  const width = clamp(state?.width ?? usualSize.width, smallestWindow.width, area.width);
  const height = clamp(state?.height ?? usualSize.height, smallestWindow.height, area.height);
  const centred = {
    x: area.x + Math.round((area.width - width) / 2),
    y: area.y + Math.round((area.height - height) / 2),
  };
  const place = state && home ? { x: state.x, y: Math.max(state.y, area.y) } : centred;
  return { ...place, width, height, maximised: state?.maximised ?? false };
}

/** Whether enough of the title bar lies on a display to be dragged. */
function isGraspable({ x, y, width }: WindowState, area: Area): boolean {
  const visible = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
  return visible >= 100 && y >= area.y - 10 && y <= area.y + area.height - 40;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(Math.min(value, most), Math.min(least, most));
}
