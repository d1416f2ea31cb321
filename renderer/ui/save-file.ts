/** Saves bytes that the page holds as a file, the browser's way: where to, the person or their settings decide. */
export function saveFile(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // The download has begun with the click; a minute leaves time for a "save as" dialog.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
