/* ioctl: terminals (sys/termios.h), and what is common to all descriptors (sys/filio.h). */
#include "model.h"
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

struct il_termios { uint32_t in, out, control, local; unsigned char cc[19]; };

/* The bits that programs here touch have the same values in both systems; of the
 * characters, VMIN and VTIME lie on VEOF and VEOL there. */
static void from_linux(const struct termios *l, struct il_termios *t)
{
	memset(t, 0, sizeof *t);
	t->in = l->c_iflag, t->out = l->c_oflag, t->control = l->c_cflag & 0xffff, t->local = l->c_lflag;
	memcpy(t->cc, l->c_cc, 16);
	t->cc[5] = l->c_cc[VEOL], t->cc[6] = l->c_cc[VEOL2], t->cc[11] = 0;
	if (!(t->local & ICANON))
		t->cc[4] = l->c_cc[VMIN], t->cc[5] = l->c_cc[VTIME];
}

static void to_linux(const struct il_termios *t, struct termios *l)
{
	l->c_iflag = t->in, l->c_oflag = t->out, l->c_lflag = t->local;
	l->c_cflag = (l->c_cflag & ~0xffffu) | (t->control & 0xffff);
	for (int i = 0; i < 16; i++)
		if (i != 4 && i != 5 && i != 6 && i != 11)
			l->c_cc[i] = t->cc[i];
	if (t->local & ICANON)
		l->c_cc[VEOF] = t->cc[4], l->c_cc[VEOL] = t->cc[5], l->c_cc[VEOL2] = t->cc[6];
	else
		l->c_cc[VMIN] = t->cc[4], l->c_cc[VTIME] = t->cc[5];
}

long il_ioctl(int fd, unsigned request, void *arg)
{
	struct termios l;
	long r = model_ioctl(fd, request, arg);
	if (r != NOT_MODELLED)
		return r;
	switch (request) {
	case 0x540d: /* TCGETS */
		if (tcgetattr(fd, &l))
			return il_fail(errno);
		from_linux(&l, arg);
		return 0;
	case 0x540e: case 0x540f: case 0x5410: /* TCSETS, TCSETSW, TCSETSF */
		if (tcgetattr(fd, &l))
			return il_fail(errno);
		to_linux(arg, &l);
		return il_result(tcsetattr(fd, request == 0x540e ? TCSANOW : request == 0x540f ? TCSADRAIN : TCSAFLUSH, &l));
	case 0x5468: return il_result(ioctl(fd, TIOCGWINSZ, arg));
	case 0x5467: return il_result(ioctl(fd, TIOCSWINSZ, arg));
	case 0x7484: return il_result(ioctl(fd, TIOCSCTTY, 0));
	case 0x7414: return il_result(ioctl(fd, TIOCGPGRP, arg));
	case 0x7415: return il_result(ioctl(fd, TIOCSPGRP, arg));
	case 0x7471: return il_result(ioctl(fd, TIOCNOTTY, 0));
	case 0x8004667e: return il_result(ioctl(fd, FIONBIO, arg));
	}
	dprintf(2, "illumos loader: an ioctl was called that is not known here: 0x%x\n", request);
	_exit(126);
}
