// A TAP port whose other end is this program, which learns when each frame left by the kernel's own stamps.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct port {
	int tap; // to be waited for: whoever wakes this program by `sent` does so before the frame has left, and delays
		 // it
	int sent; // copies of frames that leave
};

// Enters the namespace for good and makes the port there, still down. Where that cannot be had, the program ends.
struct port open_stamped_port(const char *namespace, const char *name);

// Empties the port's own queue, which holds the frames of `sent` once more. To be done before they are taken and not
// after: a frame that came in between would wake nobody, and wait there for the next one.
void empty_queue(const struct port *port);

// The next frame that left, without a VLAN tag if it had one. `at_ns`: when it left, by CLOCK_MONOTONIC. Returns its
// length, or -1 where there is none.
ssize_t take_sent(const struct port *port, uint8_t *bytes, size_t room, int64_t *at_ns);

// False where the port is down: it refuses frames, as an unplugged cable would lose them.
bool put_received(const struct port *port, const uint8_t *bytes, size_t length);

int64_t now_ns(void);
