namespace Renewals.Tests;
public class SkeletonTests { [Fact] public void Runs() => true.Should().BeTrue(); }
