/** A row of the sidebar that conversations and folders can be dropped on. */
import { type ComponentPropsWithRef, useState } from 'react';
import { carriesPayload, type DragPayload, readDrag } from './drag-payload.ts';

interface DropZoneProps extends Omit<ComponentPropsWithRef<'div'>, 'onDrop'> {
  isShown: boolean;
  /** Steps of indentation. */
  depth?: number;
  accepts(payload: DragPayload): boolean;
  onDrop(payload: DragPayload): void;
}

export function DropZone({ isShown, depth = 0, accepts, onDrop, ...rest }: DropZoneProps) {
  const [isOver, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has its keyboard way in the menu "Move to folder"
    <div
      {...rest}
      data-shown={isShown || undefined}
      data-over={isOver || undefined}
      style={{ paddingInlineStart: `${depth}rem` }}
      onDragOver={(event) => {
        if (!carriesPayload(event.dataTransfer)) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        const payload = readDrag(event.dataTransfer);
        if (payload === null) return;
        event.preventDefault();
        event.stopPropagation();
        if (accepts(payload)) onDrop(payload);
      }}
    />
  );
}
