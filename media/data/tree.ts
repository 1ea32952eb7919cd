/** A tree of joins, as the server makes it: rows of the two joined, at which distance, and how many are then together. */
export interface Branch {
  /** What hangs below: nothing of a single one. */
  below: [Branch, Branch] | undefined;
  height: number;
  /** The single ones below, from left to right. */
  leaves: number[];
}

/** The tree of joins [N−1,4]. */
export function treeOf(joins: Float32Array): Branch {
  const count = joins.length / 4 + 1;
  const branches: Branch[] = Array.from({ length: count }, (_, i) => ({ below: undefined, height: 0, leaves: [i] }));
  for (let join = 0; join < count - 1; join++) {
    const below: [Branch, Branch] = [branches[joins[join * 4]], branches[joins[join * 4 + 1]]];
    branches.push({ below, height: joins[join * 4 + 2], leaves: [...below[0].leaves, ...below[1].leaves] });
  }
  return branches[branches.length - 1];
}

/** The branches that hang together below a height. */
export function cutAt(tree: Branch, height: number): Branch[] {
  return tree.below && tree.height > height ? tree.below.flatMap((branch) => cutAt(branch, height)) : [tree];
}
