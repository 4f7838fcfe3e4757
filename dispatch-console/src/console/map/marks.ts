// The marks on the map, drawn once for each ground: the same shapes as in the queue.

import type { Map } from "maplibre-gl";
import { colour } from "./style";

/** Drawn twice as large as shown, for sharp screens. */
const RATIO = 2;

type Draw = (pen: CanvasRenderingContext2D, size: number) => void;

export function drawMarks(map: Map): void {
  for (let urgency = 1; urgency <= 5; urgency++) {
    put(map, `urgency-${urgency}`, 30, urgencyMark(urgency, false));
    put(map, `urgency-${urgency}-chosen`, 52, urgencyMark(urgency, true));
  }
  put(map, "responder-free", 18, arrow(colour("safe"), true));
  put(map, "responder-way", 22, arrow(colour("bright"), true));
  put(map, "responder-asked", 18, arrow(colour("dim"), false));
  put(map, "responder-still", 14, dot(colour("safe")));
  put(map, "home", 16, house(colour("dim")));
}

function put(map: Map, name: string, size: number, draw: Draw): void {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * RATIO;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(RATIO, RATIO);
  draw(pen, size);
  const image = pen.getImageData(0, 0, size * RATIO, size * RATIO);
  if (map.hasImage(name)) map.updateImage(name, image);
  else map.addImage(name, image, { pixelRatio: RATIO });
}

function urgencyMark(urgency: number, chosen: boolean): Draw {
  return (pen, size) => {
    const tone = colour(urgency <= 3 ? `u${urgency}` : "faint");
    const box = 24;
    const at = (size - box) / 2;
    if (chosen) {
      pen.strokeStyle = tone;
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(size / 2, size / 2, size / 2 - 3, 0, Math.PI * 2);
      pen.stroke();
    }
    pen.beginPath();
    pen.roundRect(at, at, box, box, 6);
    pen.fillStyle = urgency === 1 ? tone : colour("pane");
    pen.fill();
    pen.lineWidth = 2;
    pen.setLineDash(urgency === 3 ? [4, 3] : []);
    pen.strokeStyle = tone;
    pen.stroke();
    pen.fillStyle = urgency === 1 ? colour("u1-ink") : urgency <= 3 ? colour(`u${urgency}-text`) : colour("dim");
    pen.font = "600 15px sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(String(urgency), size / 2, size / 2 + 1);
  };
}

function arrow(tone: string, filled: boolean): Draw {
  return (pen, size) => {
    pen.beginPath();
    pen.moveTo(size / 2, 1);
    pen.lineTo(size * 0.85, size - 2);
    pen.lineTo(size / 2, size * 0.72);
    pen.lineTo(size * 0.15, size - 2);
    pen.closePath();
    pen.fillStyle = filled ? tone : colour("pane");
    pen.fill();
    pen.lineWidth = filled ? 1 : 2;
    pen.strokeStyle = filled ? colour("ground") : tone;
    pen.stroke();
  };
}

function dot(tone: string): Draw {
  return (pen, size) => {
    pen.beginPath();
    pen.arc(size / 2, size / 2, size / 2 - 3, 0, Math.PI * 2);
    pen.fillStyle = tone;
    pen.fill();
    pen.strokeStyle = colour("ground");
    pen.stroke();
  };
}

function house(tone: string): Draw {
  return (pen, size) => {
    pen.beginPath();
    pen.moveTo(size / 2, 2);
    pen.lineTo(size - 2, size * 0.48);
    pen.lineTo(size - 4, size * 0.48);
    pen.lineTo(size - 4, size - 2);
    pen.lineTo(4, size - 2);
    pen.lineTo(4, size * 0.48);
    pen.lineTo(2, size * 0.48);
    pen.closePath();
    pen.fillStyle = colour("pane");
    pen.fill();
    pen.strokeStyle = tone;
    pen.lineWidth = 1.5;
    pen.stroke();
  };
}
