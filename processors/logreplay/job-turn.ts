/** Whose turn it is: of each tenant the first so many that have not ended. Pure. */
export function inTurn<T extends { readonly tenantId: string }>(open: readonly T[], perTenant: number): T[] {
  const running = new Map<string, number>();
  return open.filter(({ tenantId }) => {
    const before = running.get(tenantId) ?? 0;
    running.set(tenantId, before + 1);
    return before < perTenant;
  });
}
