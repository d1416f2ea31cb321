/** Zoom and pan of one viewport by wheel, pointer, pinch and keys. */
import { type KeyboardEvent, type PointerEvent, useCallback, useRef, useState } from 'react';
import {
  fromLook,
  type Look,
  type Point,
  panBy,
  type Size,
  toLook,
  type ViewTransform,
  zoomAt,
} from './view-transform.ts';

export interface ViewControl {
  /** Goes on the element that the picture is seen through. */
  ref: (element: HTMLElement | null) => void;
  /** Size in its own pixels, once it is known. */
  picture: Size | null;
  setPicture(size: Size): void;
  viewport: Size;
  view: ViewTransform;
  zoom(factor: number): void;
  fit(): void;
  /** One pixel of the picture on one of the screen. */
  actualSize(): void;
  onKeyDown(event: KeyboardEvent): void;
  pointer: Record<
    'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel',
    (event: PointerEvent) => void
  >;
  /** Of an event, in pixels from the viewport's upper left corner. */
  pointOf(event: { clientX: number; clientY: number }): Point;
}

/** A look that several viewports share; null: the whole picture. */
export type SharedLook = readonly [Look | null, (look: Look | null) => void];

const panStep = 60;
const keyZoom = 1.25;

export function useViewTransform(shared?: SharedLook): ViewControl {
  const own = useState<Look | null>(null);
  const [look, setLook] = shared ?? own;
  const [viewport, setViewport] = useState<Size>({ width: 1, height: 1 });
  const [known, setPicture] = useState<Size | null>(null);
  const pointers = useRef(new Map<number, Point>());
  const element = useRef<HTMLElement | null>(null);
  const picture = known ?? { width: 1, height: 1 };
  const view = fromLook(look, picture, viewport);

  const pointOf = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const edges = element.current?.getBoundingClientRect();
    return { x: clientX - (edges?.left ?? 0), y: clientY - (edges?.top ?? 0) };
  };
  const change = (next: ViewTransform) => setLook(toLook(next, picture, viewport));
  const zoomTo = (at: Point, factor: number) => change(zoomAt(view, at, { factor, picture, viewport }));
  const pan = (by: Point) => change(panBy(view, by, { picture, viewport }));
  const zoomMiddle = (factor: number) => zoomTo({ x: viewport.width / 2, y: viewport.height / 2 }, factor);

  const onWheel = useRef((_event: WheelEvent) => {});
  onWheel.current = (event) => {
    event.preventDefault();
    zoomTo(pointOf(event), Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)));
  };
  const ref = useCallback((target: HTMLElement | null) => {
    element.current = target;
    if (!target) return;
    const sizes = new ResizeObserver(([entry]) => {
      if (entry)
        setViewport({
          width: entry.contentRect.width,
          height: entry.contentRect.height,
        });
    });
    sizes.observe(target);
    // React's own wheel listeners are passive and can't keep the page from zooming.
    const wheel = (event: WheelEvent) => onWheel.current(event);
    target.addEventListener('wheel', wheel, { passive: false });
    return () => {
      sizes.disconnect();
      target.removeEventListener('wheel', wheel);
    };
  }, []);

  const onPointerMove = (event: PointerEvent) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    const now = pointOf(event);
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, now);
    if (!other) return pan({ x: now.x - before.x, y: now.y - before.y });
    const factor = distance(now, other) / Math.max(1, distance(before, other));
    zoomTo({ x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }, factor);
  };
  const release = (event: PointerEvent) => void pointers.current.delete(event.pointerId);

  return {
    ref,
    picture: known,
    setPicture,
    viewport,
    view,
    zoom: zoomMiddle,
    fit: () => setLook(null),
    actualSize: () => zoomMiddle(1 / (view.scale * window.devicePixelRatio)),
    pointOf,
    onKeyDown(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const by = arrows[event.key];
      if (by) pan(by);
      else if (event.key === '+' || event.key === '=') zoomMiddle(keyZoom);
      else if (event.key === '-') zoomMiddle(1 / keyZoom);
      else if (event.key === '0') setLook(null);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    pointer: {
      onPointerDown(event) {
        if (event.target instanceof HTMLElement && event.target.closest('button, a')) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        pointers.current.set(event.pointerId, pointOf(event));
      },
      onPointerMove,
      onPointerUp: release,
      onPointerCancel: release,
    },
  };
}

/** An arrow looks that way, so the picture goes the other. */
const arrows: Record<string, Point> = {
  ArrowLeft: { x: panStep, y: 0 },
  ArrowRight: { x: -panStep, y: 0 },
  ArrowUp: { x: 0, y: panStep },
  ArrowDown: { x: 0, y: -panStep },
};

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
