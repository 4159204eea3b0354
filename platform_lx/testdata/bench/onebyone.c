/*
 * onebyone COMMAND LINE... asks the host for one LINE after the other, each when
 * the one before is answered, reads a byte at a time, and becomes the command:
 * what the C dockerinit asks, in its order and its way, with nothing done between.
 * gcc -O2
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void
ask(int host, const char *line)
{
	char c;

	if (write(host, line, strlen(line)) < 0 || write(host, "\n", 1) < 0)
		err(1, "write");
	do {
		if (read(host, &c, 1) != 1)
			err(1, "read");
	} while (c != '\n');
}

int
main(int argc, char **argv)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/native/.zonecontrol/metadata.sock" };
	int host = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc < 2 || host < 0 || connect(host, (struct sockaddr *)&name, sizeof (name)) < 0)
		err(1, "connect");
	ask(host, "");
	ask(host, "NEGOTIATE V2");
	for (int i = 2; i < argc; i++)
		ask(host, argv[i]);
	(void) execl(argv[1], argv[1], (char *)NULL);
	err(1, "%s", argv[1]);
}
