/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The host's error numbers, and those that only the kernel has. The host has a
 * header of this name, too: libc's <errno.h> includes it.
 */
#ifndef LFSHIM_LINUX_ERRNO_H
#define LFSHIM_LINUX_ERRNO_H

#include <uapi/linux/errno.h>

/* Never returned by a system call; the fence wait functions return it. */
#define ERESTARTSYS	512
#define ERESTARTNOINTR	513
#define ERESTARTNOHAND	514
#define ENOIOCTLCMD	515
#define ERESTART_RESTARTBLOCK 516
#define EPROBE_DEFER	517
#define EOPENSTALE	518
#define ENOPARAM	519

/* Of NFS, and used by others. */
#define EBADHANDLE	521
#define ENOTSYNC	522
#define EBADCOOKIE	523
#define ENOTSUPP	524
#define ETOOSMALL	525
#define ESERVERFAULT	526
#define EBADTYPE	527
#define EJUKEBOX	528
#define EIOCBQUEUED	529
#define ERECALLCONFLICT	530
#define ENOGRACE	531

/* Newer than the headers of most hosts. */
#ifndef EFSBADCRC
#define EFSBADCRC	EBADMSG
#endif
#ifndef EFSCORRUPTED
#define EFSCORRUPTED	EUCLEAN
#endif
#ifndef EFTYPE
#define EFTYPE		134
#endif

#endif
