/** Which part of a map is seen: a zoom of at least 1 and an offset, both kept inside the map. */
export class Viewport {
  zoom = 1;
  /** The share of the map that lies left of and above the view. */
  x = 0;
  y = 0;

  reset(): void {
    this.zoom = 1;
    this.x = this.y = 0;
  }

  /** Zooms so that the place at (shareX, shareY) of the view stays where it is. */
  zoomAt(factor: number, shareX: number, shareY: number, largest: number): void {
    const next = Math.min(Math.max(1, largest), Math.max(1, this.zoom * factor));
    this.x += shareX / this.zoom - shareX / next;
    this.y += shareY / this.zoom - shareY / next;
    this.zoom = next;
    this.keepInside();
  }

  /** Moves by shares of the view. */
  pan(shareX: number, shareY: number): void {
    this.x += shareX / this.zoom;
    this.y += shareY / this.zoom;
    this.keepInside();
  }

  /** Moves as little as possible so that cell (row, column) of `rows` × `columns` is seen. */
  reveal(row: number, column: number, rows: number, columns: number): void {
    const seen = 1 / this.zoom;
    const into = (offset: number, cell: number, cells: number) => Math.min(cell / cells, Math.max(offset, (cell + 1) / cells - seen));
    this.x = into(this.x, column, columns);
    this.y = into(this.y, row, rows);
    this.keepInside();
  }

  private keepInside(): void {
    const most = 1 - 1 / this.zoom;
    this.x = Math.min(most, Math.max(0, this.x));
    this.y = Math.min(most, Math.max(0, this.y));
  }
}
