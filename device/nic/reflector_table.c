// Chained hashing over an array of nodes, which a doubly linked list keeps in order of use.
#include "reflector_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NO_NODE UINT32_MAX

struct table_node {
	struct table_key key;
	uint32_t next_in_chain;
	uint32_t newer;
	uint32_t older;
};

int table_open(struct table *table, uint32_t capacity, uint64_t seed)
{
	uint32_t heads = 1;

	while (heads < capacity)
		heads *= 2;
	*table = (struct table){
		.nodes = calloc(capacity, sizeof *table->nodes),
		.heads = malloc(heads * sizeof *table->heads),
		.head_mask = heads - 1,
		.capacity = capacity,
		.newest = NO_NODE,
		.oldest = NO_NODE,
		.seed = seed,
	};
	if (!table->nodes || !table->heads) {
		table_close(table);
		return -ENOMEM;
	}
	memset(table->heads, 0xff, heads * sizeof *table->heads);
	return 0;
}

void table_close(struct table *table)
{
	free(table->nodes);
	free(table->heads);
	*table = (struct table){0};
}

/* Multiply and fold, the seed mixed into every word. */
static uint32_t *chain_of(struct table *table, const struct table_key *key)
{
	uint64_t hash = table->seed;

	for (size_t i = 0; i < TABLE_KEY_BYTES / 8; i++) {
		hash = (hash ^ key->words[i]) * 0x9e3779b97f4a7c15ULL + table->seed;
		hash ^= hash >> 32;
	}
	return &table->heads[hash & table->head_mask];
}

static bool keys_equal(const struct table_key *a, const struct table_key *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static void unlink_use(struct table *table, uint32_t slot)
{
	struct table_node *node = &table->nodes[slot];

	if (node->newer == NO_NODE)
		table->newest = node->older;
	else
		table->nodes[node->newer].older = node->older;
	if (node->older == NO_NODE)
		table->oldest = node->newer;
	else
		table->nodes[node->older].newer = node->newer;
}

static void link_newest(struct table *table, uint32_t slot)
{
	struct table_node *node = &table->nodes[slot];

	node->newer = NO_NODE;
	node->older = table->newest;
	if (table->newest == NO_NODE)
		table->oldest = slot;
	else
		table->nodes[table->newest].newer = slot;
	table->newest = slot;
}

static void unlink_chain(struct table *table, uint32_t slot)
{
	uint32_t *at = chain_of(table, &table->nodes[slot].key);

	while (*at != slot)
		at = &table->nodes[*at].next_in_chain;
	*at = table->nodes[slot].next_in_chain;
}

enum table_find table_use(struct table *table, const struct table_key *key, uint32_t *slot)
{
	uint32_t *chain = chain_of(table, key);
	uint32_t at = *chain;

	while (at != NO_NODE && !keys_equal(&table->nodes[at].key, key))
		at = table->nodes[at].next_in_chain;
	enum table_find found = TABLE_FOUND;
	if (at != NO_NODE) {
		unlink_use(table, at);
	} else {
		if (table->used < table->capacity) {
			at = table->used++;
			found = TABLE_ADDED;
		} else {
			at = table->oldest;
			unlink_use(table, at);
			unlink_chain(table, at);
			found = TABLE_REPLACED;
		}
		table->nodes[at].key = *key;
		table->nodes[at].next_in_chain = *chain;
		*chain = at;
	}
	link_newest(table, at);
	*slot = at;
	return found;
}
