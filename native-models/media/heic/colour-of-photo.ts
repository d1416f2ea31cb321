/** Which colours the numbers of a HEIC photo mean, as the file tells. */
import type { ColourProfile } from '../colour-profile.ts';
import type { HeifImage, Libheif } from './libheif.ts';

/** A profile of a camera takes a few hundred bytes, of a scanner or printer up to a few megabytes. */
const maxProfileBytes = 16 * 1024 * 1024;

/** Source: ITU-T H.273, table 2: SMPTE EG 432-1, the primaries of Display P3. */
const displayP3Primaries = 12;

/** Null where the file tells nothing, or what is sRGB's own; then the numbers are taken for sRGB. */
export function readColourProfile(libheif: Libheif, image: HeifImage): ColourProfile | null {
  const { ptr } = image.handle.$$;
  const kind = Buffer.alloc(4);
  kind.writeUInt32BE(libheif._heif_image_handle_get_color_profile_type(ptr));
  if (kind.toString('latin1') === 'nclx') return readNamedColours(libheif, ptr);
  const sizeBytes = libheif._heif_image_handle_get_raw_color_profile_size(ptr);
  if (sizeBytes <= 0 || sizeBytes > maxProfileBytes) return null;
  const bytesAt = libheif._malloc(sizeBytes);
  const errorAt = libheif._malloc(12);
  if (!bytesAt || !errorAt) return null;
  libheif._heif_image_handle_get_raw_color_profile(errorAt, ptr, bytesAt);
  return readInt32(libheif, errorAt) === 0 ? libheif.HEAPU8.slice(bytesAt, bytesAt + sizeBytes) : null;
}

/** Colours by number instead of by profile. Source: libheif's heif_color.h, `heif_color_profile_nclx`. */
function readNamedColours(libheif: Libheif, ptr: number): ColourProfile | null {
  const errorAt = libheif._malloc(16);
  if (!errorAt) return null;
  const pointerAt = errorAt + 12;
  libheif._heif_image_handle_get_nclx_color_profile(errorAt, ptr, pointerAt);
  if (readInt32(libheif, errorAt) !== 0) return null;
  const coloursAt = readInt32(libheif, pointerAt);
  const primaries = readInt32(libheif, coloursAt + 4); // behind the version, one byte and three of padding
  return primaries === displayP3Primaries ? 'display-p3' : null;
}

function readInt32({ HEAPU8 }: Libheif, at: number): number {
  return new DataView(HEAPU8.buffer, HEAPU8.byteOffset).getInt32(at, true);
}
