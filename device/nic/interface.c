// Interface facts by the SIOCGIF ioctls.
#include "interface.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// One ioctl on the named interface; each overwrites the union that the last one filled.
static int ask(int fd, unsigned long what, const char *name, struct ifreq *request)
{
	memset(request, 0, sizeof *request);
	memcpy(request->ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	return ioctl(fd, what, request) < 0 ? -errno : 0;
}

int interface_read(const char *name, struct interface_facts *facts)
{
	struct ifreq request;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int error = ask(fd, SIOCGIFINDEX, name, &request);
	facts->index = request.ifr_ifindex;
	if (error == 0)
		error = ask(fd, SIOCGIFMTU, name, &request);
	facts->mtu = request.ifr_mtu;
	if (error == 0)
		error = ask(fd, SIOCGIFHWADDR, name, &request);
	facts->hardware_type = request.ifr_hwaddr.sa_family;
	if (error == 0)
		error = ask(fd, SIOCGIFFLAGS, name, &request);
	facts->running = (request.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
	close(fd);
	return error;
}
