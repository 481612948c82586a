/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * I2C buses: there are none. The types, for structures and prototypes. Left out: all
 * functions, except for the private data of an adapter. The host has a header of
 * this name, too.
 */
#ifndef LFSHIM_LINUX_I2C_H
#define LFSHIM_LINUX_I2C_H

#include <lfshim/kernel-code.h>
#include <linux/device.h>
#include <linux/types.h>

#include <uapi/linux/i2c.h>

struct i2c_adapter;
struct i2c_client;

struct i2c_algorithm {
	int (*master_xfer)(struct i2c_adapter *adap, struct i2c_msg *msgs,
			   int num);
	u32 (*functionality)(struct i2c_adapter *adap);
};

struct i2c_lock_operations;

struct i2c_adapter {
	struct module *owner;
	unsigned int class;
	const struct i2c_algorithm *algo;
	void *algo_data;
	const struct i2c_lock_operations *lock_ops;
	int timeout;
	int retries;
	struct device dev;
	int nr;
	char name[48];
};

static inline void *i2c_get_adapdata(const struct i2c_adapter *adap)
{
	return dev_get_drvdata(&adap->dev);
}

static inline void i2c_set_adapdata(struct i2c_adapter *adap, void *data)
{
	dev_set_drvdata(&adap->dev, data);
}

#endif
