// Growable anonymous mappings (mmap, mremap).
#include "column.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static const size_t SMALLEST_BYTES = 64 * 1024;

static size_t round_to_pages(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	return (bytes + page - 1) / page * page;
}

static int map(struct column *column, size_t bytes, int flags)
{
	size_t mapped = round_to_pages(bytes);
	void *data = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	if (data == MAP_FAILED)
		return -ENOMEM;
	column->data = data;
	column->mapped = mapped;
	return 0;
}

int column_open(struct column *column, size_t bytes)
{
	column->data = NULL;
	column->mapped = 0;
	return bytes == 0 ? 0 : map(column, bytes, MAP_POPULATE);
}

int column_grow(struct column *column, size_t bytes)
{
	if (bytes <= column->mapped)
		return 0;
	size_t wanted = column->mapped * 2 > SMALLEST_BYTES ? column->mapped * 2 : SMALLEST_BYTES;
	if (wanted < bytes)
		wanted = round_to_pages(bytes);
	if (!column->data)
		return map(column, wanted, 0);
	void *data = mremap(column->data, column->mapped, wanted, MREMAP_MAYMOVE);
	if (data == MAP_FAILED)
		return -ENOMEM;
	column->data = data;
	column->mapped = wanted;
	return 0;
}

void column_close(struct column *column)
{
	if (column->data)
		munmap(column->data, column->mapped);
	column->data = NULL;
	column->mapped = 0;
}
