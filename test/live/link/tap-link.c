// A copper link in user space: two TAP ports, one in each of two network namespaces, and every frame carried across.
// Its ports tell the kernel what a PHY would: both sides offer 1000BASE-T, yet 100BASE-TX was negotiated. Usage:
// tap-link NEAR_NAMESPACE FAR_NAMESPACE. Prints "ready", then carries frames until it is killed.
// Built with -DPORT_KIND=IFF_TUN its ports carry IP packets without link headers, as tunnels do.
#include "../emulator/tap.h"
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PORT_KIND
#define PORT_KIND IFF_TAP
#endif

enum { FRAME_BYTES = 10000, MOST_MODE_WORDS = 127 };

static const char PORT_NAME[] = "tap0";

static void die(const char *what)
{
	fprintf(stderr, "tap-link: %s: %s\n", what, strerror(errno));
	exit(1);
}

struct link {
	struct ethtool_link_settings settings;
	uint32_t masks[3 * MOST_MODE_WORDS];
};

static void ask_ethtool(int fd, uint32_t command, struct link *link)
{
	struct ifreq request = {.ifr_data = (void *)link};
	memcpy(request.ifr_name, PORT_NAME, sizeof PORT_NAME);
	link->settings.cmd = command;
	if (ioctl(fd, SIOCETHTOOL, &request) < 0)
		die("SIOCETHTOOL");
}

// The tun driver keeps whatever link settings it is given and hands them back to ETHTOOL_GLINKSETTINGS.
static void set_link(void)
{
	struct link link = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	// Asked with no room for masks, the kernel answers with the words it wants, negated.
	ask_ethtool(fd, ETHTOOL_GLINKSETTINGS, &link);
	int words = -link.settings.link_mode_masks_nwords;
	uint32_t both = 1U << ETHTOOL_LINK_MODE_100baseT_Full_BIT | 1U << ETHTOOL_LINK_MODE_1000baseT_Full_BIT;
	link = (struct link){.settings = {.speed = SPEED_100, .duplex = DUPLEX_FULL, .autoneg = AUTONEG_ENABLE}};
	link.settings.link_mode_masks_nwords = (int8_t)words;
	link.masks[0] = both;	      // supported
	link.masks[words] = both;     // advertised
	link.masks[2 * words] = both; // by the partner
	ask_ethtool(fd, ETHTOOL_SLINKSETTINGS, &link);
	close(fd);
}

int main(int argc, char **argv)
{
	static uint8_t frame[FRAME_BYTES];
	if (argc != 3) {
		fprintf(stderr, "usage: tap-link NEAR_NAMESPACE FAR_NAMESPACE\n");
		return 64;
	}
	struct pollfd ports[2];
	for (int i = 0; i < 2; i++) {
		ports[i] = (struct pollfd){.fd = open_port(argv[i + 1], PORT_NAME, PORT_KIND), .events = POLLIN};
		set_link();
	}
	printf("ready\n");
	fflush(stdout);
	// Ends when it is killed, or when a port goes away.
	for (;;) {
		if (poll(ports, 2, -1) < 0 && errno != EINTR)
			die("poll");
		for (int i = 0; i < 2; i++) {
			if ((ports[i].revents & POLLIN) == 0)
				continue;
			ssize_t length = read(ports[i].fd, frame, sizeof frame);
			if (length < 0)
				die("read");
			// A port that is down refuses frames, as an unplugged cable would lose them.
			(void)!write(ports[1 - i].fd, frame, (size_t)length);
		}
	}
}
