using Renewals.Core.Calendar;
using Renewals.Core.Engine;
using Renewals.Core.Plans;

namespace Renewals.Host.Simulation.Checks;

/// <summary>Nobody is told anything at night.</summary>
/// <remarks>By the hours every plan of the worlds is sold with, not by what the events say of them.</remarks>
internal sealed class ToldByDay(SimWorld world) : Promise(world)
{
    public override string Name => "told-by-day";

    public override void Telling(EngineLife life, ChargeNotice notice)
    {
        var (zone, now) = (RenewalZones.Get(notice.ZoneId), World.Now);
        var isNight = QuietHours.Night.Cover(now - WireTolerance, zone) && QuietHours.Night.Cover(now, zone) && QuietHours.Night.Cover(now + ClockTolerance, zone);
        Hold(!isNight, notice.Subscription, $"notice {notice.NoticeId} goes out at {now}, in the member's night");
    }
}
