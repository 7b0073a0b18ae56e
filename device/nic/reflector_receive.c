// Reads datagrams and transmit stamps and what the kernel tells beside them. Trusts lengths only after checking them.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "control.h"
#include "reflector_socket.h"

/* Uses struct timespec without declaring it. */
#include <linux/errqueue.h>

enum {
	/* The largest UDP payload, and one octet more to see that there was more. */
	DATAGRAM_BYTES = 65536,
	CONTROL_BYTES = 256,
};

struct receive_batch {
	struct mmsghdr messages[BATCH_DATAGRAMS];
	struct iovec payloads[BATCH_DATAGRAMS];
	struct sockaddr_storage peers[BATCH_DATAGRAMS];
	_Alignas(struct cmsghdr) uint8_t control[BATCH_DATAGRAMS][CONTROL_BYTES];
	uint8_t bytes[BATCH_DATAGRAMS][DATAGRAM_BYTES];
};

struct receive_batch *receive_batch_open(void)
{
	struct receive_batch *batch = calloc(1, sizeof *batch);

	for (int i = 0; batch && i < BATCH_DATAGRAMS; i++) {
		batch->payloads[i] = (struct iovec){.iov_base = batch->bytes[i], .iov_len = DATAGRAM_BYTES};
		batch->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &batch->peers[i],
			.msg_iov = &batch->payloads[i],
			.msg_iovlen = 1,
			.msg_control = batch->control[i],
		};
	}
	return batch;
}

void receive_batch_close(struct receive_batch *batch)
{
	free(batch);
}

int receive_batch_read(struct receive_batch *batch, const struct reflector_socket *socket)
{
	for (int i = 0; i < BATCH_DATAGRAMS; i++) {
		batch->messages[i].msg_hdr.msg_namelen = sizeof batch->peers[i];
		batch->messages[i].msg_hdr.msg_controllen = CONTROL_BYTES;
	}
	int count = recvmmsg(socket->fd, batch->messages, BATCH_DATAGRAMS, MSG_DONTWAIT, NULL);
	if (count >= 0)
		return count;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static bool is_inet_link_local(const struct in_addr *address)
{
	return ntohl(address->s_addr) >> 16 == (169 << 8 | 254);
}

static void map_inet(uint8_t mapped[16], const struct in_addr *address)
{
	memset(mapped, 0, 10);
	memset(mapped + 10, 0xff, 2);
	memcpy(mapped + 12, address, 4);
}

static void read_inet(struct arrival *arrival, const struct cmsghdr *control)
{
	if (is_control(control, IPPROTO_IP, IP_PKTINFO, sizeof(struct in_pktinfo))) {
		struct in_pktinfo info;
		memcpy(&info, CMSG_DATA(control), sizeof info);
		map_inet(arrival->destination, &info.ipi_addr);
		arrival->interface = (uint32_t)info.ipi_ifindex;
		/* The kernel names another local address where the datagram was not to one. */
		arrival->unicast = info.ipi_addr.s_addr == info.ipi_spec_dst.s_addr;
		arrival->link_local |= is_inet_link_local(&info.ipi_addr);
	} else if (is_control(control, IPPROTO_IP, IP_TTL, sizeof(int))) {
		int ttl;
		memcpy(&ttl, CMSG_DATA(control), sizeof ttl);
		arrival->ttl = (uint8_t)ttl;
	} else if (is_control(control, IPPROTO_IP, IP_TOS, 1)) {
		arrival->tos = *CMSG_DATA(control);
	}
}

static void read_inet6(struct arrival *arrival, const struct cmsghdr *control)
{
	int value;

	if (is_control(control, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(struct in6_pktinfo))) {
		struct in6_pktinfo info;
		memcpy(&info, CMSG_DATA(control), sizeof info);
		memcpy(arrival->destination, &info.ipi6_addr, 16);
		arrival->interface = info.ipi6_ifindex;
		arrival->unicast = !IN6_IS_ADDR_MULTICAST(&info.ipi6_addr);
		arrival->link_local |= IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr);
	} else if (is_control(control, IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof value)) {
		memcpy(&value, CMSG_DATA(control), sizeof value);
		arrival->ttl = (uint8_t)value;
	} else if (is_control(control, IPPROTO_IPV6, IPV6_TCLASS, sizeof value)) {
		memcpy(&value, CMSG_DATA(control), sizeof value);
		arrival->tos = (uint8_t)value;
	}
}

/* Reads the peer's address; true for IPv6. */
static bool read_peer(struct arrival *arrival, const struct sockaddr_storage *peer)
{
	if (peer->ss_family == AF_INET6) {
		const struct sockaddr_in6 *inet6 = (const struct sockaddr_in6 *)peer;
		memcpy(arrival->source, &inet6->sin6_addr, 16);
		arrival->source_port = ntohs(inet6->sin6_port);
		arrival->link_local = IN6_IS_ADDR_LINKLOCAL(&inet6->sin6_addr);
		return true;
	}
	const struct sockaddr_in *inet = (const struct sockaddr_in *)peer;
	map_inet(arrival->source, &inet->sin_addr);
	arrival->source_port = ntohs(inet->sin_port);
	arrival->link_local = is_inet_link_local(&inet->sin_addr);
	return false;
}

struct arrival receive_batch_arrival(struct receive_batch *batch, int index)
{
	struct msghdr *message = &batch->messages[index].msg_hdr;
	struct arrival arrival = {
		.packet = batch->bytes[index],
		.length = batch->messages[index].msg_len,
		.truncated = message->msg_flags & MSG_TRUNC,
		.peer = &batch->peers[index],
	};
	bool inet6 = read_peer(&arrival, &batch->peers[index]);

	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		if (is_control(control, SOL_SOCKET, SO_TIMESTAMPING, sizeof(struct scm_timestamping))) {
			struct scm_timestamping stamps;
			memcpy(&stamps, CMSG_DATA(control), sizeof stamps);
			arrival.kernel_ns = timespec_ns(&stamps.ts[0]);
			arrival.hardware_stamp = timespec_ns(&stamps.ts[2]) != 0;
		} else if (inet6) {
			read_inet6(&arrival, control);
		} else {
			read_inet(&arrival, control);
		}
	}
	return arrival;
}

/* The stamp and its number out of one message of the error queue; false if it holds something else. */
static bool read_sent_stamp(struct msghdr *message, struct sent_stamp *stamp)
{
	bool numbered = false;
	bool stamped = false;

	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		if (is_control(control, SOL_SOCKET, SO_TIMESTAMPING, sizeof(struct scm_timestamping))) {
			struct scm_timestamping stamps;
			memcpy(&stamps, CMSG_DATA(control), sizeof stamps);
			stamp->kernel_ns = timespec_ns(&stamps.ts[0]);
			stamped = stamp->kernel_ns != 0;
		} else if (is_control(control, IPPROTO_IP, IP_RECVERR, sizeof(struct sock_extended_err)) ||
			   is_control(control, IPPROTO_IPV6, IPV6_RECVERR, sizeof(struct sock_extended_err))) {
			struct sock_extended_err error;
			memcpy(&error, CMSG_DATA(control), sizeof error);
			stamp->id = error.ee_data;
			numbered = error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING && error.ee_info == SCM_TSTAMP_SND;
		}
	}
	return numbered && stamped;
}

int reflector_socket_read_stamps(const struct reflector_socket *socket, struct sent_stamp *stamps, int capacity)
{
	_Alignas(struct cmsghdr) uint8_t control[BATCH_DATAGRAMS][CONTROL_BYTES];
	struct mmsghdr messages[BATCH_DATAGRAMS] = {0};
	int wanted = capacity < BATCH_DATAGRAMS ? capacity : BATCH_DATAGRAMS;
	int found = 0;

	for (int i = 0; i < wanted; i++)
		messages[i].msg_hdr = (struct msghdr){.msg_control = control[i], .msg_controllen = CONTROL_BYTES};
	int count = recvmmsg(socket->fd, messages, (unsigned)wanted, MSG_ERRQUEUE | MSG_DONTWAIT, NULL);
	for (int i = 0; i < count; i++)
		if (read_sent_stamp(&messages[i].msg_hdr, &stamps[found]))
			found++;
	return found;
}
