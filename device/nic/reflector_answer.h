// One datagram in, at most one reply out. Holds what the reflector's thread works on.
#ifndef NIC_REFLECTOR_ANSWER_H
#define NIC_REFLECTOR_ANSWER_H

#include "reflector.h"
#include "reflector_session.h"
#include "reflector_socket.h"
#include "reflector_trains.h"

/* A socket and the replies it owes a transmit stamp. */
struct channel {
	struct reflector_socket socket;
	struct stamp_ledger ledger;
};

struct answering {
	struct admission admission;
	struct session_set sessions;
	struct trains trains;
	struct reflector_counters counters;
	struct channel channels[2 * REFLECTOR_MOST_PORTS];
	size_t channel_count;
	/* What our replies say of our clock. */
	uint16_t error_estimate;
};

/* `now_ns` is monotonic and may be as old as the batch. */
void answer_arrival(struct answering *answering, struct channel *channel, struct arrival *arrival, int64_t now_ns);

/* Empties the channel's error queue into its sessions. */
void collect_stamps(struct answering *answering, struct channel *channel);

#endif
