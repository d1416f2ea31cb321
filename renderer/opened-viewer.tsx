/** A file that is looked at: beside the conversation where there is room, else over it. */
import { useMediaQuery } from '@mantine/hooks';
import { pointAtBox, usePointedBox } from './app-state.ts';
import type { OpenedFile } from './features/chat/chat-types.ts';
import { Viewer } from './features/viewer/viewer.tsx';
import { ViewerDialog } from './features/viewer/viewer-dialog.tsx';
import css from './workspace.module.css';

interface OpenedViewerProps {
  file: OpenedFile;
  onClose(): void;
}

export function OpenedViewer({ file, onClose }: OpenedViewerProps) {
  const hasRoom = useMediaQuery('(min-width: 75em)', undefined, { getInitialValueInEffect: false });
  const pointed = usePointedBox();
  const { attachment, name, place } = file;
  const viewer = {
    subject: { attachment, name },
    startsDrawing: file.startsDrawing,
    boxes: file.boxes.map((box) => ({ ...box, ...place })),
    highlightedBoxId: pointed,
    onHoverBox: pointAtBox,
    ...(file.frameTimesMs && { frameTimesMs: file.frameTimesMs }),
    onRegion(region: Parameters<OpenedFile['onRegion']>[0]) {
      file.onRegion(region);
      onClose();
    },
    onClose,
    ...(place.page === null && place.timeMs === null ? {} : { place }),
  };
  const key = `${attachment.id}-${place.page}-${place.timeMs}-${file.startsDrawing}`;
  if (!hasRoom) return <ViewerDialog key={key} {...viewer} />;
  return (
    <aside className={css.viewer} aria-label={name}>
      <Viewer key={key} {...viewer} />
    </aside>
  );
}
