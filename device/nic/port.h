// One network port with its two sockets, opened once and used by one run after the other.
#ifndef NIC_PORT_H
#define NIC_PORT_H

#include <linux/filter.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

enum send_layer { SEND_LINK, SEND_NETWORK4, SEND_NETWORK6 };

struct port_options {
	const char *name;
	enum send_layer layer;
	const struct sock_filter *filter;
	uint16_t filter_length;
	uint32_t snap_bytes;
	uint32_t ring_frames;
	bool hardware_stamps;
};

struct port {
	char name[IFNAMSIZ];
	int index;
	uint32_t mtu;
	uint16_t hardware_type; /* ARPHRD_* */
	uint8_t mac[6];
	enum send_layer layer;
	uint32_t snap_bytes;
	uint32_t ring_frames;
	struct sock_filter *filter;
	uint16_t filter_length;
	bool hardware_tx; /* the NIC stamps what it sends; asked for and switched on */
	bool hardware_rx;
	/*
	 * Two sockets, because transmit stamps and received frames would share one receive buffer and push each other
	 * out.
	 */
	int tx_fd;
	int rx_fd;
	uint32_t send_buffer_bytes;
	uint32_t receive_buffer_bytes;
	uint32_t stamp_buffer_bytes;
	/*
	 * What the kernel will number the next transmit stamp (SOF_TIMESTAMPING_OPT_ID), and whether that count may be
	 * wrong.
	 */
	uint32_t next_stamp_key;
	bool stamp_keys_in_doubt;
};

/* Open the port; nothing is received until port_listen. On failure a negative errno, and *syscall names what failed. */
int port_open(struct port *port, const struct port_options *options, const char **syscall);

void port_close(struct port *port);

/* 0 if the port is the one that was opened and is up; -ENODEV or -ENETDOWN. */
int port_check(const struct port *port);

/* Let what passes the filter in, forgetting older frames, errors and drop counts. A negative errno. */
int port_listen(struct port *port);

/* Let nothing in any more; what already came can still be read. */
void port_deafen(struct port *port);

/* Make the kernel number transmit stamps from 0 again. A negative errno. */
int port_restart_stamp_keys(struct port *port);

#endif
