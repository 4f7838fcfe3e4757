// Lists with columns: one look for all of them, sorted by a click on a head.

import { createSortedRowModel, rowSortingFeature, sortFns, tableFeatures, useTable, type ColumnDef } from "@tanstack/react-table";
import { useMemo, type ReactNode } from "react";

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns });

export interface Column<T> {
  id: string;
  head: string;
  /** What it is sorted by. */
  by: (it: T) => string | number;
  cell: (it: T) => ReactNode;
}

export function List<T extends object>({ label, rows, columns, keyOf }: { label: string; rows: T[]; columns: Column<T>[]; keyOf: (it: T) => string }) {
  const defined = useMemo(
    () => columns.map((it): ColumnDef<typeof features, T> => ({ id: it.id, accessorFn: (row: T) => it.by(row), header: it.head })),
    [columns],
  );
  const table = useTable({ features, data: rows, columns: defined, getRowId: keyOf });
  const sorted = table.getRowModel().rows;
  return (
    <table aria-label={label} className="w-full border-collapse text-left">
      <thead>
        <tr className="border-b border-edge text-dim">
          {table.getHeaderGroups()[0]?.headers.map((it) => {
            const way = it.column.getIsSorted();
            return (
              <th key={it.id} scope="col" aria-sort={way === "asc" ? "ascending" : way === "desc" ? "descending" : "none"} className="py-2 pr-4 font-normal">
                <button type="button" onClick={it.column.getToggleSortingHandler()} className="min-h-6 hover:text-ink">
                  {columns.find((each) => each.id === it.id)?.head}
                  <span aria-hidden="true">{way === "asc" ? " ↑" : way === "desc" ? " ↓" : ""}</span>
                </button>
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {sorted.map((row) => (
          <tr key={row.id} className="border-b border-line">
            {columns.map((it) => (
              <td key={it.id} className="py-2 pr-4 align-middle">
                {it.cell(row.original)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
