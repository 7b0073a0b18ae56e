// Arrays in anonymous mappings: they grow without copying, cost memory only where touched, and can be given away whole.
#ifndef NIC_COLUMN_H
#define NIC_COLUMN_H

#include <stddef.h>

struct column {
	void *data;    /* NULL while empty */
	size_t mapped; /* bytes, a multiple of the page size */
};

/*
 * Map at least `bytes` zeroed bytes (none for 0), with their pages present so that a paced thread meets no page fault.
 * -ENOMEM.
 */
int column_open(struct column *column, size_t bytes);

/* Make room for at least `bytes`, doubling; the address may change. -ENOMEM leaves the column as it was. */
int column_grow(struct column *column, size_t bytes);

void column_close(struct column *column);

#endif
