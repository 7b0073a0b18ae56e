// Sessions live in an array beside their table; claims in a ring indexed by the kernel's number.
#include "reflector_session.h"

#include <errno.h>
#include <stdlib.h>

int session_set_open(struct session_set *set, uint32_t capacity, uint64_t seed)
{
	*set = (struct session_set){.sessions = calloc(capacity, sizeof *set->sessions)};
	if (!set->sessions)
		return -ENOMEM;
	return table_open(&set->table, capacity, seed);
}

void session_set_close(struct session_set *set)
{
	free(set->sessions);
	table_close(&set->table);
	*set = (struct session_set){0};
}

struct session *session_use(struct session_set *set, const struct table_key *key)
{
	uint32_t slot;
	enum table_find found = table_use(&set->table, key, &slot);
	struct session *session = &set->sessions[slot];

	if (found != TABLE_FOUND)
		*session = (struct session){.generation = session->generation + 1};
	if (found == TABLE_REPLACED)
		set->evicted++;
	return session;
}

void ledger_enter(struct stamp_ledger *ledger, const struct session_set *set, const struct session *session,
	int64_t handed_over_ns)
{
	uint32_t id = ledger->next_id++;

	ledger->claims[id % STAMPS_PENDING] = (struct stamp_claim){
		.open = true,
		.id = id,
		.slot = (uint32_t)(session - set->sessions),
		.generation = session->generation,
		.sequence = session->sent - 1,
		.handed_over_ns = handed_over_ns,
	};
}

void ledger_settle(struct stamp_ledger *ledger, struct session_set *set, uint32_t id, int64_t sent_ns)
{
	struct stamp_claim *claim = &ledger->claims[id % STAMPS_PENDING];

	if (!claim->open || claim->id != id || sent_ns < claim->handed_over_ns)
		return;
	claim->open = false;
	struct session *session = &set->sessions[claim->slot];
	struct stamp_follow_up *known = &session->follow_up;
	if (session->generation != claim->generation)
		return;
	if (known->known && (int32_t)(claim->sequence - known->sequence) <= 0)
		return;
	*known = (struct stamp_follow_up){.known = true, .sequence = claim->sequence, .sent_ns = sent_ns};
}

void ledger_clear(struct stamp_ledger *ledger)
{
	*ledger = (struct stamp_ledger){0};
}
