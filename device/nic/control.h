// Control messages of the kernel: which one it is and whether it is whole. Decides nothing.
#ifndef NIC_CONTROL_H
#define NIC_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* Whether this is the message of that level and type, with at least `length` bytes: a full buffer cuts the last one
 * off. */
static inline bool is_control(const struct cmsghdr *control, int level, int type, size_t length)
{
	return control->cmsg_level == level && control->cmsg_type == type && control->cmsg_len >= CMSG_LEN(length);
}

#endif
