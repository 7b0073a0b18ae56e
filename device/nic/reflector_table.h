// A bounded table from keys of fixed length to slots; when it is full, the slot unused for longest gets the new key.
// The values live with the caller, in arrays indexed by slot. Pure but for the memory it takes when opened.
#ifndef NIC_REFLECTOR_TABLE_H
#define NIC_REFLECTOR_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TABLE_KEY_BYTES = 48 };

/* Unused octets are zero. */
struct table_key {
	uint64_t words[TABLE_KEY_BYTES / 8];
};

struct table_node;

struct table {
	struct table_node *nodes;
	uint32_t *heads;
	uint32_t head_mask;
	uint32_t capacity;
	uint32_t used;
	/* Ends of the order of use. */
	uint32_t newest;
	uint32_t oldest;
	uint64_t seed;
};

enum table_find { TABLE_FOUND, TABLE_ADDED, TABLE_REPLACED };

/* `capacity` 1-2^24; a secret `seed` keeps strangers from choosing keys that collide. 0 or -ENOMEM. */
int table_open(struct table *table, uint32_t capacity, uint64_t seed);
void table_close(struct table *table);

/* The slot of `key`, made the most recently used; what had to be done for it tells whether its old value counts. */
enum table_find table_use(struct table *table, const struct table_key *key, uint32_t *slot);

#endif
