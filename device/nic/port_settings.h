// The settings of a port that delay, merge or batch packets before they are stamped.
#ifndef NIC_PORT_SETTINGS_H
#define NIC_PORT_SETTINGS_H

enum port_setting {
	SETTING_GRO,	     /* receive: packets merged before anybody sees them */
	SETTING_LRO,	     /* the same in the NIC */
	SETTING_GSO,	     /* send: other programs' packets leave in bursts of up to 64 kB … */
	SETTING_TSO,	     /* … cut by the NIC */
	SETTING_RX_USECS,    /* receive interrupts wait this long for company */
	SETTING_RX_ADAPTIVE, /* … or as long as the driver thinks best */
	SETTING_EEE,	     /* the link sleeps between packets; a change takes it down for seconds */
	SETTING_COUNT
};

/* What JavaScript calls each. */
extern const char *const port_setting_names[SETTING_COUNT];

/* On/off settings are 0 or 1. The value, or a negative errno (-EOPNOTSUPP where the driver has no such thing). */
int port_setting_read(const char *port, enum port_setting setting);

/* Needs CAP_NET_ADMIN. 0 or a negative errno. */
int port_setting_write(const char *port, enum port_setting setting, int value);

#endif
