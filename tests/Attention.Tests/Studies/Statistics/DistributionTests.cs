using AttentionServer.Studies.Statistics;

namespace AttentionServer.Tests.Studies.Statistics;

/// <summary>Distributions, corrections and correlations against printed tables and R.</summary>
public class DistributionTests
{
    [Theory]
    [InlineData(0.95, 1, 12.7062)]
    [InlineData(0.95, 2, 4.3027)]
    [InlineData(0.95, 4, 2.7764)]
    [InlineData(0.99, 10, 3.1693)]
    [InlineData(0.95, 30, 2.0423)]
    [InlineData(0.95, 1e6, 1.95997)]
    public void Student_quantiles_are_those_of_the_tables(double confidence, double degrees, double expected)
    {
        var t = Student.TwoSidedQuantile(confidence, degrees);
        Assert.Equal(expected, t, 1e-4);
        Assert.Equal(1 - confidence, Student.TwoSided(t, degrees), 1e-10);
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1.959963984540054, 0.975)]
    [InlineData(-1.2815515655446004, 0.1)]
    [InlineData(-3, 0.0013498980316300933)]
    [InlineData(-6, 9.865876450376946e-10)]
    [InlineData(-10, 7.61985302416047e-24)]
    public void Normal_probabilities_are_those_of_the_tables(double x, double expected)
    {
        Assert.Equal(1, Normal.Below(x) / expected, 1e-9);
        Assert.Equal(x, Normal.Quantile(expected), 1e-7);
    }

    [Fact]
    public void Seeds_alone_are_student_and_examples_alone_normal()
    {
        Assert.Equal(Student.TwoSided(2.5, 4), SeedsAndExamples.TwoSided(2.5, 0, 1, 5), 1e-6);
        Assert.Equal(Student.TwoSided(40, 1), SeedsAndExamples.TwoSided(40, 0, 1, 2), 1e-6);
        Assert.Equal(2 * Normal.Below(-2.5), SeedsAndExamples.TwoSided(2.5, 1, 0, 5), 1e-12);
        Assert.Equal(Student.TwoSidedQuantile(0.95, 2) * 3, SeedsAndExamples.HalfWidth(0.95, 0, 9, 3), 1e-4);
        Assert.Equal(1, SeedsAndExamples.TwoSided(0, 1, 1, 3), 1e-12);
    }

    [Fact]
    public void Corrections_are_those_of_R()
    {
        // p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.6), "holm" and "BH")
        double[] p = [0.01, 0.04, 0.03, 0.005, 0.6];
        Equal([0.04, 0.09, 0.09, 0.025, 0.6], Families.Holm(p));
        Equal([0.025, 0.05, 0.05, 0.025, 0.6], Families.BenjaminiHochberg(p));
        Equal([1, 1], Families.Holm([0.9, 0.8]));
        Assert.Empty(Families.Holm([]));

        static void Equal(double[] expected, double[] actual) => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void Kendall_counts_pairs()
    {
        Assert.Equal(1, Kendall.Of([1, 2, 3], [10, 20, 30]));
        Assert.Equal(-1, Kendall.Of([1, 2, 3], [3, 2, 1]));
        // cor(c(1,2,2,3,5), c(2,1,3,3,4), method = "kendall"): 7 alike, 1 not, one tie in each of ten pairs.
        Assert.Equal(6 / 9.0, Kendall.Of([1, 2, 2, 3, 5], [2, 1, 3, 3, 4]), 1e-12);
        Assert.True(double.IsNaN(Kendall.Of([1, 1], [1, 2])));
    }

    [Fact]
    public void Random_numbers_are_settled_and_uniform()
    {
        var random = new RandomStream(1, 2);
        double sum = 0, normal = 0, square = 0;
        for (var i = 0; i < 100_000; i++)
        {
            sum += random.NextInt(10);
            var x = random.NextNormal();
            (normal, square) = (normal + x, square + (x * x));
        }

        Assert.Equal(4.5, sum / 100_000, 0.05);
        Assert.Equal(0, normal / 100_000, 0.02);
        Assert.Equal(1, square / 100_000, 0.02);
        var (a, b) = (new RandomStream(1, 2), new RandomStream(1, 3));
        Assert.NotEqual(a.Next(), b.Next());
    }
}
