/** The screen as it was, to draw a box on: drag with the mouse; Escape or a click gives up. */
import { boxBetween } from './box-between.ts';

const frame = document.querySelector<HTMLElement>('#box')!;
let start: { x: number; y: number } | null = null;

addEventListener('pointerdown', (event) => {
  start = { x: event.clientX, y: event.clientY };
  document.body.setPointerCapture(event.pointerId);
});

addEventListener('pointermove', (event) => {
  if (!start) return;
  const box = boxBetween(start, { x: event.clientX, y: event.clientY }, screenSize());
  frame.hidden = false;
  frame.style.left = `${100 * box.x}vw`;
  frame.style.top = `${100 * box.y}vh`;
  frame.style.width = `${100 * box.width}vw`;
  frame.style.height = `${100 * box.height}vh`;
});

addEventListener('pointerup', (event) => {
  if (!start) return;
  void answer(boxBetween(start, { x: event.clientX, y: event.clientY }, screenSize()));
});

addEventListener('keydown', (event) => {
  if (event.key === 'Escape') void answer(null);
});

function screenSize() {
  return { width: innerWidth, height: innerHeight };
}

async function answer(box: ReturnType<typeof boxBetween> | null): Promise<void> {
  start = null;
  await fetch('box', { method: 'PUT', body: JSON.stringify(box) });
}
