/** How boxes on one picture are written down: as plain JSON, and as COCO's object annotations. Pure. */

export interface BoxesOnPicture {
  fileName: string;
  /** Of a document, from 1. */
  page: number | null;
  /** Of a film. */
  timeMs: number | null;
  unit: 'pixels' | 'points';
  width: number;
  height: number;
  /** x1 y1 x2 y2 from the upper left corner. */
  boxes: { label: string; box: readonly [number, number, number, number] }[];
}

export function writePlainBoxes({ page, timeMs, boxes, ...picture }: BoxesOnPicture) {
  return {
    ...picture,
    ...(page !== null && { page }),
    ...(timeMs !== null && { timeMs }),
    boxes: boxes.map(({ label, box }) => ({ label, box: box.map(toHundredths) })),
  };
}

/** Source of the form: cocodataset.org, "Data format", object detection: `bbox` is x, y, width, height. */
export function writeCoco({ fileName, width, height, boxes }: BoxesOnPicture) {
  const names = [...new Set(boxes.map(({ label }) => label || 'object'))];
  return {
    images: [{ id: 1, file_name: fileName, width, height }],
    categories: names.map((name, at) => ({ id: at + 1, name })),
    annotations: boxes.map(({ label, box: [x1, y1, x2, y2] }, at) => ({
      id: at + 1,
      image_id: 1,
      category_id: names.indexOf(label || 'object') + 1,
      bbox: [x1, y1, x2 - x1, y2 - y1].map(toHundredths),
      area: toHundredths((x2 - x1) * (y2 - y1)),
      segmentation: [],
      iscrowd: 0,
    })),
  };
}

/** The model writes thousandths of a side; more digits would only be noise of floating point. */
function toHundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
