// The queue disciplines (tc) through which a port's packets leave.
#ifndef NIC_QUEUE_KINDS_H
#define NIC_QUEUE_KINDS_H

#include <stddef.h>

enum { QUEUE_KIND_BYTES = 16 }; /* of the kernel, with the NUL: IFNAMSIZ */

/*
 * Names of the disciplines of an interface ("htb", "fq_codel", "clsact" ...), at most `room`, in the kernel's order,
 * its built-in ones left out. How many, or a negative errno.
 */
int queue_kinds_list(int interface_index, char (*kinds)[QUEUE_KIND_BYTES], size_t room);

#endif
