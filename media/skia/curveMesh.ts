import type { CanvasKit, Vertices } from 'canvaskit-wasm';
import type { Curve } from '../scene/scene';

/** Longest piece of a curve that is drawn straight, in pixels, and the most pieces of one curve. */
const pieceLength = 14;
const mostPieces = 24;
/** How far the smooth edge of a line fades out, in pixels: lines are smoothed without a path for each. */
const fade = 0.7;
/** So many of the uppermost lines have smooth edges and all their pieces; a cloud below them would take ten times as long. */
const fine = 1500;
const coarsePieces = 8;
/** Vertices are counted in 16 bits. */
const mostVertices = 65_536;

/** Many curves as few meshes of triangles, in their order: thousands of paths would take seconds where there is no graphics card. */
export function curveMeshes(kit: CanvasKit, curves: Curve[], colourOf: (curve: Curve) => [number, number, number, number], density: number): Vertices[] {
  const meshes: Vertices[] = [];
  const smooth = Math.max(0, curves.length - fine);
  for (let from = 0; from < curves.length; ) {
    const isFine = from >= smooth;
    const end = isFine ? curves.length : smooth;
    let [to, vertices] = [from, 0];
    while (to < end) {
      const more = (isFine ? 4 : 2) * (piecesOf(curves[to], isFine, density) + 1);
      if (vertices + more > mostVertices) break;
      vertices += more;
      to++;
    }
    meshes.push(mesh(kit, curves.slice(from, to), isFine, vertices, colourOf, density));
    from = to;
  }
  return meshes;
}

function piecesOf({ from, to }: Curve, isFine: boolean, density: number): number {
  // A level line is one piece.
  if (from[1] === to[1]) return 1;
  const pieces = Math.max(4, Math.ceil((Math.hypot(to[0] - from[0], to[1] - from[1]) * density) / pieceLength));
  return Math.min(isFine ? mostPieces : coarsePieces, pieces);
}

function mesh(kit: CanvasKit, curves: Curve[], isFine: boolean, count: number, colourOf: (curve: Curve) => [number, number, number, number], density: number): Vertices {
  const pieces = curves.map((curve) => piecesOf(curve, isFine, density));
  const total = pieces.reduce((sum, n) => sum + n, 0);
  const positions = new Float32Array(count * 2);
  const colours = new Uint32Array(count);
  const indices = new Uint16Array(total * (isFine ? 18 : 6));
  let [v, i] = [0, 0];
  curves.forEach((curve, at) => {
    const [r, g, b, a] = colourOf(curve);
    // A line thinner than a pixel is a pixel wide and fainter.
    const half = Math.max(curve.width, 1 / density) / 2;
    const solid = kit.ColorAsInt(r * 255, g * 255, b * 255, a * 255 * Math.min(1, curve.width * density));
    const clear = kit.ColorAsInt(r * 255, g * 255, b * 255, 0);
    const outer = half + fade / (2 * density);
    const inner = Math.max(0, half - fade / (2 * density));
    const [x0, y0, x1, y1] = [...curve.from, ...curve.to];
    const n = pieces[at];
    for (let k = 0; k <= n; k++) {
      const t = k / n;
      // Control points lie in the middle, at the heights of the ends.
      const s = 1 - t;
      const blend = 3 * s * t * t + t * t * t;
      const x = s * s * s * x0 + 3 * s * t * ((x0 + x1) / 2) + t * t * t * x1;
      const y = y0 + (y1 - y0) * blend;
      const dx = 3 * s * s * ((x1 - x0) / 2) + 3 * t * t * ((x1 - x0) / 2);
      const dy = 6 * s * t * (y1 - y0);
      const length = Math.hypot(dx, dy) || 1;
      const [nx, ny] = [-dy / length, dx / length];
      for (const offset of isFine ? [outer, inner, -inner, -outer] : [half, -half]) {
        positions[2 * v] = x + nx * offset;
        positions[2 * v + 1] = y + ny * offset;
        colours[v++] = isFine && Math.abs(offset) === outer ? clear : solid;
      }
      if (k === n) continue;
      const across = isFine ? 4 : 2;
      for (let corner = v - across; corner < v - 1; corner++) {
        indices[i++] = corner;
        indices[i++] = corner + 1;
        indices[i++] = corner + across;
        indices[i++] = corner + 1;
        indices[i++] = corner + across + 1;
        indices[i++] = corner + across;
      }
    }
  });
  // Any list of numbers will do, whatever the types say.
  return kit.MakeVertices(kit.VertexMode.Triangles, positions, null, colours, indices as unknown as number[], false);
}
