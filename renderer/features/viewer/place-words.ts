/** Places and boxes in words and addresses. */
import { viewPath } from '../../../preload/contract/attachment-endpoints.ts';
import type { Attachment, Box } from '../../../preload/contract/attachments.ts';
import type { ViewerPlace } from './viewer-types.ts';

/** "1:05", "1:02:03", with tenths where frames lie close: "0:04.5". */
export function formatTime(timeMs: number): string {
  const tenths = Math.round(timeMs / 100);
  const seconds = Math.floor(tenths / 10);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours, minutes, rest] = parts as [number, number, number];
  const two = (value: number) => `${value}`.padStart(2, '0');
  const clock = hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
  return tenths % 10 === 0 ? clock : `${clock}.${tenths % 10}`;
}

/** What every browser shows by itself, at full resolution and without work for the media process. */
const shownByBrowsers = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif']);

/** Address of the picture at a place, at most `maxSide` pixels long (a picture that browsers show: as it is). */
export function pictureAddress(
  { id, kind, mediaType }: Attachment,
  place: ViewerPlace,
  maxSide: number,
): string {
  if (kind === 'picture' && shownByBrowsers.has(mediaType)) return attachmentAddress(id);
  return `/${viewPath(id, { ...placeQuery(place), maxSide })}`;
}

/** Address of a small picture of a place. */
export function thumbnailAddress(id: string, place: ViewerPlace, maxSide: number): string {
  return `/${viewPath(id, { ...placeQuery(place), maxSide })}`;
}

/** Address of a cut-out, drawn as sharply as `maxSide` allows. */
export function cutAddress(id: string, place: ViewerPlace, box: Box, maxSide: number): string {
  return `/${viewPath(id, { ...placeQuery(place), box, maxSide })}`;
}

export const attachmentAddress = (id: string): string => `/attachment/${id}`;

export function isSamePlace(a: ViewerPlace, b: ViewerPlace): boolean {
  return a.page === b.page && a.timeMs === b.timeMs;
}

function placeQuery({ page, timeMs }: ViewerPlace): {
  page?: number;
  timeMs?: number;
} {
  return {
    ...(page === null ? {} : { page }),
    ...(timeMs === null ? {} : { timeMs }),
  };
}
