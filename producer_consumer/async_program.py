"""The asynchronous program: the consumer works in the pauses of the producer, on one thread."""

import asyncio

from producer_consumer.figures import ITEMS
from producer_consumer.stage import Item, Stage


async def main(stage: Stage) -> None:
    """Put 20 items through a queue: each is taken up as soon as it is there."""
    channel: asyncio.Queue[Item] = asyncio.Queue()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(produce(stage, channel, 1))
        tasks.create_task(consume(stage, channel, ITEMS))


async def produce(stage: Stage, channel: asyncio.Queue[Item], producer: int) -> None:
    """Generate a producer's items."""
    for index, duration in stage.generation(producer):
        await asyncio.sleep(duration)
        await channel.put(stage.generated(index, producer))


async def consume(stage: Stage, channel: asyncio.Queue[Item], items: int) -> None:
    """Process so many items."""
    for _ in range(items):
        item = await channel.get()
        waited_s = stage.taken(item)
        await asyncio.sleep(stage.processing)
        stage.processed(item, waited_s)
