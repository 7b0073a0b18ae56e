// The reflector's UDP sockets: what the kernel tells of each datagram, and how the reply is sent back the way it came.
#ifndef NIC_REFLECTOR_SOCKET_H
#define NIC_REFLECTOR_SOCKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct socket_request {
	/* AF_INET or AF_INET6. */
	int family;
	/* 0: the kernel chooses. */
	uint16_t udp_port;
	/* Network port to bind to; empty for all. */
	const char *port;
};

struct reflector_socket {
	int fd;
	int family;
	uint16_t udp_port;
};

/* Non-blocking. 0, or -errno with the system call that failed in `syscall`. */
int reflector_socket_open(struct reflector_socket *socket, const struct socket_request *request, const char **syscall);
void reflector_socket_close(struct reflector_socket *socket);

/* Datagrams that the kernel dropped because this socket's buffer was full, since it was opened. */
uint32_t reflector_socket_drops(const struct reflector_socket *socket);

enum { BATCH_DATAGRAMS = 16 };

struct receive_batch;

/* NULL without memory. */
struct receive_batch *receive_batch_open(void);
void receive_batch_close(struct receive_batch *batch);

/* Takes what waits, at most BATCH_DATAGRAMS. How many, 0 for none, or -errno. */
int receive_batch_read(struct receive_batch *batch, const struct reflector_socket *socket);

/* One datagram as the kernel told of it. Addresses are IPv6 or ::ffff:a.b.c.d. */
struct arrival {
	uint8_t *packet;
	size_t length;
	/* Longer than could be taken. */
	bool truncated;
	/* To this host alone: no broadcast, no multicast. */
	bool unicast;
	uint8_t source[16];
	uint16_t source_port;
	uint8_t destination[16];
	/* The interface it came by, and whether one of the addresses is only valid there (fe80::/10, 169.254/16). */
	uint32_t interface;
	bool link_local;
	uint8_t ttl;
	uint8_t tos;
	/* Kernel's receive stamp by the wall clock; 0 where there is none. */
	int64_t kernel_ns;
	bool hardware_stamp;
	const struct sockaddr_storage *peer;
};

struct arrival receive_batch_arrival(struct receive_batch *batch, int index);

/* How the reply to an arrival leaves: from the address it came to, with this DSCP, with a transmit stamp or without. */
struct departure {
	uint8_t tos;
	bool stamp;
};

/* Sends the arrival's packet, as it is now, back. 0 or -errno. */
int reflector_socket_reply(
	const struct reflector_socket *socket, const struct arrival *arrival, const struct departure *departure);

struct sent_stamp {
	/* Counts the packets sent with `stamp` since the socket was opened or the count restarted. */
	uint32_t id;
	int64_t kernel_ns;
};

/* Takes transmit stamps from the error queue, at most `capacity`. How many. */
int reflector_socket_read_stamps(const struct reflector_socket *socket, struct sent_stamp *stamps, int capacity);

/* Kernels differ in whether a refused packet counts; after one the count is restarted at 0. 0 or -errno. */
int reflector_socket_restart_stamps(const struct reflector_socket *socket);

#endif
