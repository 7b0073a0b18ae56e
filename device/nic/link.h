// Facts a driver tells about its port, by ethtool ioctls.
#ifndef NIC_LINK_H
#define NIC_LINK_H

#include <stdbool.h>
#include <stdint.h>

/* Words of a link mode bit map; the kernel's count is negotiated and is at most this. */
#define LINK_MODE_WORDS_MAX 127

struct link_settings {
	int32_t speed_mbps; /* -1 unknown */
	uint8_t duplex;	    /* 0 half, 1 full, 255 unknown */
	bool auto_negotiation;
	uint32_t mode_words;
	uint32_t supported[LINK_MODE_WORDS_MAX];
	uint32_t advertising[LINK_MODE_WORDS_MAX];
	uint32_t partner[LINK_MODE_WORDS_MAX];
};

struct timestamping_abilities {
	uint32_t capabilities; /* SOF_TIMESTAMPING_* */
	int32_t phc_index;     /* -1 none */
	uint32_t tx_types;
	uint32_t rx_filters;
};

/* ETHTOOL_GLINKSETTINGS. 0, or a negative errno: -ENODEV no such port, -EOPNOTSUPP the driver does not tell. */
int link_read_settings(const char *port, struct link_settings *settings);

/* ETHTOOL_GET_TS_INFO, with the same errors. */
int link_read_timestamping(const char *port, struct timestamping_abilities *abilities);

#endif
