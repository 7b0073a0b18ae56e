// The way of one datagram: allow-list, is it a test packet, rate, session, reply. Every way out is counted.
#include "reflector_answer.h"

#include <string.h>

#include "clock.h"

enum {
	/* Test packets leave from dynamic ports. Below are services; some (chargen) would answer our answer. */
	FIRST_SENDER_PORT = 1024,
	OUR_PORT = 3237,
};

static void count(_Atomic uint64_t *counter)
{
	/* Only the reflector's thread writes. */
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_relaxed);
}

static bool is_reflector_port(const struct answering *answering, uint16_t port)
{
	if (port < FIRST_SENDER_PORT || port == OUR_PORT)
		return true;
	for (size_t i = 0; i < answering->channel_count; i++)
		if (answering->channels[i].socket.udp_port == port)
			return true;
	return false;
}

static bool is_foreign(const struct answering *answering, const struct arrival *arrival)
{
	return arrival->truncated || !arrival->unicast || is_reflector_port(answering, arrival->source_port) ||
	       !stamp_is_request(arrival->packet, arrival->length);
}

static struct session *find_session(
	struct answering *answering, const struct channel *channel, const struct arrival *arrival)
{
	struct {
		uint8_t source[16];
		uint8_t destination[16];
		uint32_t interface;
		uint16_t source_port;
		uint16_t destination_port;
		uint16_t ssid;
		uint16_t zero;
	} parts = {
		.interface = arrival->link_local ? arrival->interface : 0,
		.source_port = arrival->source_port,
		.destination_port = channel->socket.udp_port,
		.ssid = stamp_ssid(arrival->packet, arrival->length),
	};
	struct table_key key = {0};

	_Static_assert(sizeof parts <= sizeof key, "a session's key must fit");
	memcpy(parts.source, arrival->source, 16);
	memcpy(parts.destination, arrival->destination, 16);
	memcpy(&key, &parts, sizeof parts);
	return session_use(&answering->sessions, &key);
}

static struct stamp_end read_end(const uint8_t address[16], uint16_t port, bool ipv6)
{
	struct stamp_end end = {.port = port};

	if (ipv6)
		memcpy(end.address, address, 16);
	else
		memcpy(end.address, address + 12, 4);
	return end;
}

static int64_t received_ns(struct answering *answering, const struct arrival *arrival)
{
	if (arrival->hardware_stamp)
		count(&answering->counters.stamps_hardware);
	if (arrival->kernel_ns) {
		count(&answering->counters.stamps_kernel);
		return arrival->kernel_ns;
	}
	count(&answering->counters.stamps_missing);
	return wall_ns();
}

/* The request is in the packet until it becomes the reply. */
static struct train_answer answer_train(struct answering *answering, const struct channel *channel,
	const struct arrival *arrival, struct session *session, int64_t now_ns)
{
	struct train_way way = {
		.socket = channel->socket, .arrival = arrival, .error_estimate = answering->error_estimate};
	struct train_asked asked;

	if (!train_find(arrival->packet, arrival->length, &asked))
		return (struct train_answer){0};
	return trains_answer(&answering->trains, &asked, session, &way, now_ns);
}

static struct stamp_reply encode(struct answering *answering, const struct channel *channel, struct arrival *arrival,
	const struct session *session, const struct train_answer *train)
{
	bool ipv6 = channel->socket.family == AF_INET6;
	struct stamp_context context = {
		.received_ns = received_ns(answering, arrival),
		.sequence = session->sent - 1,
		.error_estimate = answering->error_estimate,
		.ttl = arrival->ttl,
		.tos = arrival->tos,
		.ipv6 = ipv6,
		.session_received = session->received,
		.session_sent = session->sent,
		.follow_up = session->follow_up,
		.train = *train,
		.source = read_end(arrival->source, arrival->source_port, ipv6),
		.destination = read_end(arrival->destination, channel->socket.udp_port, ipv6),
	};

	return stamp_encode_reply(arrival->packet, arrival->length, &context);
}

void collect_stamps(struct answering *answering, struct channel *channel)
{
	struct sent_stamp stamps[BATCH_DATAGRAMS];
	int found;

	do {
		found = reflector_socket_read_stamps(&channel->socket, stamps, BATCH_DATAGRAMS);
		for (int i = 0; i < found; i++)
			ledger_settle(&channel->ledger, &answering->sessions, stamps[i].id, stamps[i].kernel_ns);
	} while (found == BATCH_DATAGRAMS);
}

static void send_reply(struct answering *answering, struct channel *channel, struct arrival *arrival,
	struct session *session, int64_t now_ns)
{
	session->received++;
	session->sent++;
	struct train_answer train = answer_train(answering, channel, arrival, session, now_ns);
	struct stamp_reply reply = encode(answering, channel, arrival, session, &train);
	struct departure departure = {.tos = reply.tos, .stamp = reply.wants_follow_up};
	int64_t sent_ns = wall_ns();
	stamp_write_sent(arrival->packet, sent_ns);
	int error = reflector_socket_reply(&channel->socket, arrival, &departure);
	if (!error) {
		count(&answering->counters.reflected);
		if (departure.stamp) {
			ledger_enter(&channel->ledger, &answering->sessions, session, sent_ns);
			/*
			 * Most drivers stamp while they are handed the packet. A session tells only its newest stamp,
			 * so replies of one batch would hide each other's if they were read behind it.
			 */
			collect_stamps(answering, channel);
		}
		return;
	}
	count(&answering->counters.send_failures);
	if (departure.stamp && reflector_socket_restart_stamps(&channel->socket) == 0)
		ledger_clear(&channel->ledger);
}

void answer_arrival(struct answering *answering, struct channel *channel, struct arrival *arrival, int64_t now_ns)
{
	struct reflector_counters *counters = &answering->counters;

	count(&counters->received);
	if (!admission_is_allowed(&answering->admission, arrival->source)) {
		count(&counters->not_allowed);
		return;
	}
	if (is_foreign(answering, arrival)) {
		count(&counters->foreign);
		return;
	}
	if (!quota_take(&answering->admission.replies, arrival->source, 1, now_ns)) {
		count(&counters->rate_limited);
		return;
	}
	struct session *session = find_session(answering, channel, arrival);
	atomic_store_explicit(&counters->sessions, answering->sessions.table.used, memory_order_relaxed);
	atomic_store_explicit(&counters->sessions_evicted, answering->sessions.evicted, memory_order_relaxed);
	send_reply(answering, channel, arrival, session, now_ns);
}
