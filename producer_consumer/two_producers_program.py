"""The asynchronous program with a second producer: twice the items in about the same time."""

import asyncio

from producer_consumer.async_program import consume, produce
from producer_consumer.figures import ITEMS
from producer_consumer.stage import Item, Stage


async def main(stage: Stage) -> None:
    """Put 40 items of two producers through one queue to one consumer."""
    channel: asyncio.Queue[Item] = asyncio.Queue()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(produce(stage, channel, 1))
        tasks.create_task(produce(stage, channel, 2))
        tasks.create_task(consume(stage, channel, 2 * ITEMS))
