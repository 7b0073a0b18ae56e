// A socket that hears frames on a port without a run: the kernel keeps what came until somebody reads.
#ifndef NIC_LISTENER_H
#define NIC_LISTENER_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { GROUP_BYTES = 6, LISTENER_TAG_BYTES = 4 };

struct listener_options {
	const char *port;
	const struct sock_filter *filter;
	uint16_t filter_length;
	/* Multicast link addresses to take in beside those that the port takes in anyway, one after the other. */
	const uint8_t *groups;
	size_t group_count;
};

/* The descriptor, or a negative errno, and *syscall names what failed. */
int listener_open(const struct listener_options *options, const char **syscall);

/*
 * One frame, a VLAN tag that the kernel or NIC took out put back in. Its kept octets, 0 where none waits, or a negative
 * errno: -ENETDOWN and kin when the port went; later calls may hear again.
 */
ssize_t listener_read(int fd, uint8_t *frame, size_t capacity);

#endif
