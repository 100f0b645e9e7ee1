// Sorts every sortable table by each of its columns, both ways, and says where the order is not that of
// the cells' values. A sortable header is one with a button in it.
(() => {
    const faults = [];
    const value = cell => cell.dataset.v !== undefined ? cell.dataset.v : cell.textContent.trim();
    for (const table of document.querySelectorAll("table")) {
        const heads = [...(table.tHead ? table.tHead.rows[0].cells : [])];
        heads.forEach((head, column) => {
            const button = head.querySelector("button");
            if (!button) return;
            const name = (table.id || "table") + ", column " + head.textContent.trim();
            const before = table.tBodies[0].rows.length;
            const seen = new Set();
            for (let click = 0; click < 2; click++) {
                button.click();
                const sort = head.getAttribute("aria-sort");
                seen.add(sort);
                if (!["ascending", "descending"].includes(sort)) { faults.push(name + ": aria-sort is " + sort); return; }
                const values = [...table.tBodies[0].rows].map(row => value(row.cells[column]));
                if (values.length !== before) faults.push(name + ": rows are lost");
                const numbers = values.filter(v => v !== "" && v !== "NaN").map(Number);
                if (numbers.some(Number.isNaN)) continue;
                const sign = sort === "ascending" ? 1 : -1;
                for (let k = 1; k < numbers.length; k++)
                    if (sign * (numbers[k] - numbers[k - 1]) < 0) { faults.push(name + ": is not sorted " + sort); break; }
            }
            if (seen.size !== 2) faults.push(name + ": a second click does not turn the order around");
        });
    }
    return faults;
})()
